//! The sides of images, and what is drawn of one when it is made small.

/// Width and height, in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sides {
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// Which part of an image is drawn, and how large.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Window {
    /// Where the part begins.
    pub(crate) left: u32,
    pub(crate) top: u32,
    /// How large the part is.
    pub(crate) cut: Sides,
    /// How large it is drawn.
    pub(crate) to: Sides,
}

impl Sides {
    /// All of it, its longest side at most so long.
    pub(crate) fn within(self, most: u32) -> Window {
        let longest = self.width.max(self.height).max(1);
        let scaled = |side: u32| match longest > most {
            // No side vanishes, however thin the image is.
            true => u32::try_from(u64::from(side) * u64::from(most) / u64::from(longest)).unwrap_or(most).max(1),
            false => side.max(1),
        };
        let to = Self { width: scaled(self.width), height: scaled(self.height) };
        Window { left: 0, top: 0, cut: self, to }
    }

    /// The square in the middle, at most so large.
    pub(crate) fn square(self, most: u32) -> Window {
        let side = self.width.min(self.height);
        let (left, top) = ((self.width - side) / 2, (self.height - side) / 2);
        let to = side.min(most).max(1);
        Window { left, top, cut: Sides { width: side, height: side }, to: Sides { width: to, height: to } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sides(width: u32, height: u32) -> Sides {
        Sides { width, height }
    }

    #[test]
    fn an_image_keeps_its_form_and_is_never_made_larger() {
        for (from, to) in [
            (sides(4_000, 3_000), sides(400, 300)),
            (sides(300, 4_000), sides(30, 400)),
            (sides(400, 400), sides(400, 400)),
            (sides(20, 10), sides(20, 10)),
            (sides(1, 30_000), sides(1, 400)),
        ] {
            assert_eq!(from.within(400), Window { left: 0, top: 0, cut: from, to }, "{from:?}");
        }
    }

    #[test]
    fn a_square_is_cut_out_of_the_middle() {
        for (from, left, top, cut, to) in [
            (sides(4_000, 3_000), 500, 0, 3_000, 512),
            (sides(300, 401), 0, 50, 300, 300),
            (sides(512, 512), 0, 0, 512, 512),
            (sides(1, 30_000), 0, 14_999, 1, 1),
        ] {
            let expected = Window { left, top, cut: sides(cut, cut), to: sides(to, to) };
            assert_eq!(from.square(512), expected, "{from:?}");
        }
    }
}
