//! A personal cloud in its owner's AWS account: the template, and the link by which somebody makes a stack of it in the console.
//!
//! ```
//! use imegha_cloud::deploy::{GatewayCode, QuickCreate};
//! # let owner = imegha_cloud::protocol::OwnerText::from(imegha_crypto::Identity::generate()?.public());
//!
//! // Where an operator has put template and program, for everybody to read.
//! let link = QuickCreate {
//!     template: "https://imegha-public.s3.eu-north-1.amazonaws.com/personal-cloud.yaml".parse()?,
//!     code: GatewayCode { bucket: "imegha-public".into(), key: "gateway-1.zip".into() },
//!     region: "eu-north-1".into(),
//!     stack: "imegha-cloud".into(),
//! };
//! let url = link.url(&owner, &"https://app.example".parse()?)?;
//! assert_eq!(url.host_str(), Some("eu-north-1.console.aws.amazon.com"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod quick_create;

pub use quick_create::{GatewayCode, QuickCreate};

/// The template of a personal cloud, for CloudFormation.
pub const TEMPLATE: &str = include_str!("../../deploy/personal-cloud.yaml");
