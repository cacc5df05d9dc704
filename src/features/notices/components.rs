//! Toasts and banners.

mod alert_banners;
mod toasts;

pub(crate) use alert_banners::{SessionExpiredBanner, UpdateBanner};
pub(crate) use toasts::Toasts;
