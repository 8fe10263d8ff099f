//! A secret that is `Display` ends in a log.

fn is<T: std::fmt::Display>() {}

fn main() {
    // Control: this is one.
    is::<u8>();
    is::<imegha_crypto::Account>();
    is::<imegha_crypto::AlbumKey>();
    is::<imegha_crypto::AlbumMetadataKey>();
    is::<imegha_crypto::AuthSecret>();
    is::<imegha_crypto::Dek>();
    is::<imegha_crypto::EpochKey>();
    is::<imegha_crypto::FileKey>();
    is::<imegha_crypto::GatewayKey>();
    is::<imegha_crypto::Identity>();
    is::<imegha_crypto::LinkAccess>();
    is::<imegha_crypto::LinkKey>();
    is::<imegha_crypto::LinkKeys>();
    is::<imegha_crypto::Login>();
    is::<imegha_crypto::MetadataKey>();
    is::<imegha_crypto::NodeKey>();
    is::<imegha_crypto::Password>();
    is::<imegha_crypto::PasswordKek>();
    is::<imegha_crypto::PasswordKeys>();
    is::<imegha_crypto::PublicLink>();
    is::<imegha_crypto::PurposeKey>();
    is::<imegha_crypto::RecoveryKek>();
    is::<imegha_crypto::RecoveryKeys>();
    is::<imegha_crypto::RecoveryPhrase>();
    is::<imegha_crypto::ThumbnailKey>();
}
