//! Making thumbnails.

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, Limits, Rgb, RgbImage};

use super::{Photo, Thumbnail};
use crate::error::{Error, ErrorKind, Result};

/// An image that was made small: the thumbnail, and how large the image itself is when it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pictured {
    /// The thumbnail: JPEG, turned as the image is to be shown.
    pub thumbnail: Thumbnail,
    /// Pixels from left to right, as it is shown.
    pub width: u32,
    /// Pixels from top to bottom, as it is shown.
    pub height: u32,
}

impl Thumbnail {
    /// Makes the thumbnail of an image: JPEG, PNG, WebP, or the first picture of a GIF, whatever its name says. It is turned as the
    /// EXIF says, fits into 400 by 400 pixels, is never larger than the image, and stands on white where that is transparent.
    ///
    /// The image may come from anybody. How large it claims to be is looked at before anything is decoded: 50 million pixels are
    /// enough. This takes up to a second or so and some hundred megabytes, so that many at once are to be avoided.
    ///
    /// # Errors
    /// `Malformed` for what is no such image, is damaged, or too large.
    pub fn of_image(image: &[u8]) -> Result<Pictured> {
        let photo = Photo::read(image);
        let full = decode(image)?;
        let mut small = match full.width().max(full.height()) > MOST_EDGE {
            true => full.thumbnail(MOST_EDGE, MOST_EDGE),
            false => full.clone(),
        };
        let (width, height) = match photo.orientation {
            5..=8 => (full.height(), full.width()),
            _ => (full.width(), full.height()),
        };
        small.apply_orientation(Orientation::from_exif(photo.orientation).unwrap_or(Orientation::NoTransforms));
        let small = on_white(&small);
        for quality in QUALITIES {
            let mut bytes = Vec::new();
            JpegEncoder::new_with_quality(&mut bytes, quality).encode_image(&small).map_err(refused)?;
            if bytes.len() <= Self::MAX_LEN {
                let thumbnail = Self { mime: "image/jpeg".to_owned(), bytes };
                return Ok(Pictured { thumbnail, width, height });
            }
        }
        Err(Error::new(ErrorKind::Malformed, "no thumbnail of this image is small enough"))
    }
}

fn decode(image: &[u8]) -> Result<DynamicImage> {
    let mut reader =
        ImageReader::new(Cursor::new(image)).with_guessed_format().map_err(|error| refused(error.into()))?;
    match reader.format() {
        Some(ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP | ImageFormat::Gif) => {}
        _ => return Err(Error::new(ErrorKind::Malformed, "thumbnails are made of JPEG, PNG, WebP and GIF")),
    }
    let mut limits = Limits::default();
    limits.max_alloc = Some(MOST_BYTES);
    reader.limits(limits);
    let decoder = reader.into_decoder().map_err(refused)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MOST_PIXELS || decoder.total_bytes() > MOST_BYTES {
        return Err(Error::new(ErrorKind::Malformed, "this image has too many pixels"));
    }
    DynamicImage::from_decoder(decoder).map_err(refused)
}

/// JPEG has no transparency.
fn on_white(image: &DynamicImage) -> RgbImage {
    let image = image.to_rgba8();
    RgbImage::from_fn(image.width(), image.height(), |x, y| {
        let [red, green, blue, alpha] = image.get_pixel(x, y).0.map(u32::from);
        Rgb([red, green, blue].map(|colour| ((colour * alpha + 255 * (255 - alpha)) / 255) as u8))
    })
}

fn refused(error: image::ImageError) -> Error {
    Error::with_source(ErrorKind::Malformed, "this image cannot be read", error)
}

/// Two pixels of a dense screen for each of a tile.
const MOST_EDGE: u32 = 400;
/// The largest that telephones take, at four bytes a pixel.
const MOST_PIXELS: u64 = 50_000_000;
const MOST_BYTES: u64 = 4 * MOST_PIXELS;
/// Tried in turn: the first is small enough for all but noise.
const QUALITIES: [u8; 3] = [80, 50, 20];

#[cfg(test)]
mod tests {
    use image::{GrayImage, Rgba, RgbaImage};

    use super::*;

    /// Red on the left, blue on the right, as an image of that format.
    fn two_halves(format: ImageFormat, width: u32, height: u32) -> Vec<u8> {
        let halves = RgbImage::from_fn(width, height, |x, _| if x < width / 2 { RED } else { BLUE });
        written(&DynamicImage::from(halves), format)
    }

    fn written(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        image.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    /// A JPEG that says that it is to be turned.
    fn turned(jpeg: &[u8], orientation: u8) -> Vec<u8> {
        let exif = [b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0", &[orientation][..], b"\0\0\0\0\0\0"];
        let exif = exif.concat();
        let len = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
        [&jpeg[..2], b"\xff\xe1", &len, &exif, &jpeg[2..]].concat()
    }

    fn shown(made: &Pictured) -> RgbImage {
        made.thumbnail.check().unwrap();
        image::load_from_memory(&made.thumbnail.bytes).unwrap().to_rgb8()
    }

    fn is_near(pixel: &Rgb<u8>, colour: Rgb<u8>) -> bool {
        pixel.0.iter().zip(colour.0).all(|(one, other)| one.abs_diff(other) < 40)
    }

    #[test]
    fn every_format_becomes_a_small_picture() {
        for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif] {
            let made = Thumbnail::of_image(&two_halves(format, 1_000, 500)).unwrap();
            assert_eq!((made.width, made.height), (1_000, 500), "{format:?}");
            let small = shown(&made);
            assert_eq!(small.dimensions(), (400, 200));
            assert!(is_near(small.get_pixel(20, 100), RED) && is_near(small.get_pixel(380, 100), BLUE), "{format:?}");
            // What is small already stays as large as it is.
            let made = Thumbnail::of_image(&two_halves(format, 20, 10)).unwrap();
            assert_eq!(shown(&made).dimensions(), (20, 10));
        }
    }

    #[test]
    fn it_is_turned_as_the_camera_was_held() {
        let jpeg = two_halves(ImageFormat::Jpeg, 100, 50);
        // For each orientation: where the left of the picture, which is red, is to be.
        let left_goes_to = [(1, "left"), (2, "right"), (3, "right"), (4, "left")];
        let left_goes_to = left_goes_to.into_iter().chain([(5, "top"), (6, "top"), (7, "bottom"), (8, "bottom")]);
        for (orientation, place) in left_goes_to {
            let made = Thumbnail::of_image(&turned(&jpeg, orientation)).unwrap();
            let small = shown(&made);
            assert_eq!(small.dimensions(), (made.width, made.height));
            assert_eq!((made.width, made.height), if orientation < 5 { (100, 50) } else { (50, 100) });
            let (x, y) = match place {
                "left" => (5, 25),
                "right" => (95, 25),
                "top" => (25, 5),
                _ => (25, 95),
            };
            let opposite = small.get_pixel(made.width - 1 - x, made.height - 1 - y);
            assert!(is_near(small.get_pixel(x, y), RED) && is_near(opposite, BLUE), "{orientation}");
        }
    }

    #[test]
    fn what_is_transparent_stands_on_white_and_noise_is_made_small_enough() {
        let clear = DynamicImage::from(RgbaImage::from_pixel(30, 30, Rgba([0, 0, 0, 0])));
        let made = Thumbnail::of_image(&written(&clear, ImageFormat::Png)).unwrap();
        assert!(is_near(shown(&made).get_pixel(15, 15), Rgb([255; 3])));

        let mut state = 1_u32;
        let noise = RgbImage::from_fn(400, 400, |_, _| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            Rgb([(state >> 24) as u8, (state >> 16) as u8, (state >> 8) as u8])
        });
        let mut best = Vec::new();
        JpegEncoder::new_with_quality(&mut best, QUALITIES[0]).encode_image(&noise).unwrap();
        assert!(best.len() > Thumbnail::MAX_LEN, "or nothing is proven: {}", best.len());
        shown(&Thumbnail::of_image(&written(&DynamicImage::from(noise), ImageFormat::Png)).unwrap());
    }

    /// A GIF of forty bytes that claims a screen of that size, with one pixel on it.
    fn gif(width: u16, height: u16) -> Vec<u8> {
        let [width, height] = [width, height].map(u16::to_le_bytes);
        let screen = [&b"GIF89a"[..], &width, &height, b"\x80\0\0\0\0\0\xff\xff\xff"].concat();
        [&screen[..], b"\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0\x3b"].concat()
    }

    /// Stopped before anything is decoded by the comparison with `MOST_PIXELS` in `decode`; where an image is more bytes than that, by
    /// its limits too.
    #[test]
    fn a60_absurd_dimensions_are_refused_before_decoding() {
        // The control: a screen of one million pixels is made of the same forty bytes.
        assert_eq!(Thumbnail::of_image(&gif(1_000, 1_000)).unwrap().width, 1_000);
        for (width, height) in [(7_100, 7_100), (65_535, 65_535), (65_535, 1_000)] {
            let refused = Thumbnail::of_image(&gif(width, height)).unwrap_err();
            assert_eq!(refused.kind(), ErrorKind::Malformed, "{width} by {height}");
        }
        // One byte a pixel is few enough bytes, and a good image.
        let many = written(&DynamicImage::from(GrayImage::new(10_000, 5_001)), ImageFormat::Png);
        assert!(many.len() < 1_000_000, "a bomb is small: {}", many.len());
        assert_eq!(Thumbnail::of_image(&many).unwrap_err().kind(), ErrorKind::Malformed);
    }

    #[test]
    fn what_is_no_image_or_damaged_is_refused() {
        let png = two_halves(ImageFormat::Png, 100, 50);
        let bmp = [b"BM", &[0; 60][..]].concat();
        for wrong in
            [&b""[..], b"Dear diary", b"<svg xmlns='http://www.w3.org/2000/svg'/>", &bmp, &png[..png.len() / 2]]
        {
            assert_eq!(Thumbnail::of_image(wrong).unwrap_err().kind(), ErrorKind::Malformed);
        }
        // Whatever an altered image is, it is an image or is refused.
        for at in (0..png.len()).step_by(7) {
            let mut altered = png.clone();
            altered[at] ^= 0x55;
            let _ = Thumbnail::of_image(&altered).map_err(|error| assert_eq!(error.kind(), ErrorKind::Malformed));
        }
    }

    const RED: Rgb<u8> = Rgb([255, 0, 0]);
    const BLUE: Rgb<u8> = Rgb([0, 0, 255]);
}
