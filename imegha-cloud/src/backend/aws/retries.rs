//! What is tried again beside what the SDK tries again by itself, and how often something was tried.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_s3::error::ProvideErrorMetadata as _;
use aws_sdk_s3::operation::put_object::PutObjectError;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{BeforeTransmitInterceptorContextRef, InterceptorContext};
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::OrchestratorError;
use aws_smithy_runtime_api::client::retries::classifiers::{ClassifyRetry, RetryAction};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

use super::error::{Cancelled, RACE};

/// A put that met another of the same name is told to try again; it then learns whether the name is taken.
#[derive(Debug)]
pub(super) struct RacedPut;

impl ClassifyRetry for RacedPut {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        match operation_error::<PutObjectError>(context) {
            Some(error) if error.code() == Some(RACE) => RetryAction::transient_error(),
            _ => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "RacedPut"
    }
}

/// A transaction that met another on the same records, and whose own conditions nobody has looked at.
#[derive(Debug)]
pub(super) struct BusyRecords;

impl ClassifyRetry for BusyRecords {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        match operation_error(context) {
            Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) => match Cancelled::of(cancelled) {
                Cancelled::Busy | Cancelled::Throttled => RetryAction::throttling_error(),
                _ => RetryAction::NoActionIndicated,
            },
            _ => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "BusyRecords"
    }
}

fn operation_error<E: std::error::Error + Send + Sync + 'static>(context: &InterceptorContext) -> Option<&E> {
    let error = context.output_or_error()?.err()?;
    OrchestratorError::as_operation_error(error)?.downcast_ref()
}

/// Counts how often one request was sent: what a second attempt is told may be the doing of the first.
#[derive(Clone, Debug, Default)]
pub(super) struct Attempts(Arc<AtomicU32>);

impl Attempts {
    /// Whether it was sent more than once.
    pub(super) fn were_several(&self) -> bool {
        self.0.load(Ordering::SeqCst) > 1
    }
}

#[dyn_dispatch_hint]
impl Intercept for Attempts {
    fn name(&self) -> &'static str {
        "Attempts"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}
