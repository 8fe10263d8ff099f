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
