//! There is no way to make a sealed value from text.

use imegha_crypto::{Sealed, SealedObject, SealedPart};

fn main() {
    let _ = Sealed(b"holiday.jpg".to_vec());
    let _ = Sealed::new(b"holiday.jpg".to_vec());
    let _ = SealedObject::new(b"a photo".to_vec());
    let _ = SealedPart::new(b"a photo".to_vec());
    let _: Sealed = b"holiday.jpg".to_vec().into();
}
