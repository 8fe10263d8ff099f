//! Making an image small: decoded by the browser, drawn anew, encoded.
//!
//! Before anything is decoded its header is read, so that no image fills this device's memory. What is drawn anew has nothing of
//! what a camera wrote into the file: no place, no time, no serial number. It is drawn the way up that the camera says.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, BlobPropertyBag, ImageBitmap, ImageEncodeOptions, OffscreenCanvas, OffscreenCanvasRenderingContext2d,
    WorkerGlobalScope,
};

use crate::preview::{Look, look};
use crate::sides::{Sides, Window};

/// An image that was made small.
pub(super) struct Small {
    /// Its type, by what this browser can encode.
    pub(super) mime: String,
    /// The image.
    pub(super) bytes: Vec<u8>,
    /// The sides of what it was made of, the way up that it is shown.
    pub(super) of: Sides,
}

/// Draws an image into the window that `fit` makes of its sides, in as many bytes as that at most. Nothing when it is no image that can be decoded here.
pub(super) async fn shrink(image: &[u8], fit: impl Fn(Sides) -> Window, most: usize) -> Option<Small> {
    let Look::Image { mime, .. } = look(image, image.len() as u64, "", "") else { return None };
    draw(image, mime, fit, most).await.ok().flatten()
}

async fn draw(image: &[u8], mime: &str, fit: impl Fn(Sides) -> Window, most: usize) -> Result<Option<Small>, JsValue> {
    let options = BlobPropertyBag::new();
    options.set_type(mime);
    let bytes = Array::of1(&Uint8Array::from(image));
    let blob = Blob::new_with_u8_array_sequence_and_options(&bytes, &options)?;
    let decoding = scope().create_image_bitmap_with_blob(&blob)?;
    let bitmap: ImageBitmap = JsFuture::from(decoding).await?.dyn_into()?;
    let of = Sides { width: bitmap.width(), height: bitmap.height() };
    let window = fit(of);
    let canvas = OffscreenCanvas::new(window.to.width, window.to.height)?;
    let context = canvas.get_context("2d")?.ok_or(JsValue::NULL)?.dyn_into::<OffscreenCanvasRenderingContext2d>()?;
    context.set_image_smoothing_enabled(true);
    let Window { left, top, cut, to } = window;
    // What is clear becomes white where the type knows nothing clear.
    context.set_fill_style_str("#fff");
    context.fill_rect(0.0, 0.0, to.width.into(), to.height.into());
    context.draw_image_with_image_bitmap_and_sw_and_sh_and_dx_and_dy_and_dw_and_dh(
        &bitmap,
        left.into(),
        top.into(),
        cut.width.into(),
        cut.height.into(),
        0.0,
        0.0,
        to.width.into(),
        to.height.into(),
    )?;
    bitmap.close();
    for quality in QUALITIES {
        let options = ImageEncodeOptions::new();
        options.set_type("image/jpeg");
        options.set_quality(quality);
        let encoded: Blob = JsFuture::from(canvas.convert_to_blob_with_options(&options)?).await?.dyn_into()?;
        if encoded.size() as usize <= most {
            let bytes = Uint8Array::new(&JsFuture::from(encoded.array_buffer()).await?).to_vec();
            return Ok(Some(Small { mime: encoded.type_(), bytes, of }));
        }
    }
    Ok(None)
}

fn scope() -> WorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// The first that is small enough is taken.
const QUALITIES: [f64; 4] = [0.85, 0.7, 0.5, 0.3];
