//! Lazily loaded pages. In a build with the feature `split` each is a chunk of its own, which is
//! fetched when the page is first opened. Without the feature they are part of the module.
//!
//! Leptos' own `#[lazy]` panics if the chunk cannot be fetched, so its fallible form is used here.

use std::pin::Pin;

use leptos::prelude::*;
#[cfg(feature = "split")]
use leptos::wasm_split::{SplitLoaderError, wasm_split};

use super::dialogs::Dialogs;
use crate::features;

/// Builds a page.
pub(crate) type BuildPage = fn() -> AnyView;

/// The chunk of a page could not be fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ChunkError;

/// The fetch of a chunk.
pub(crate) type Chunk = Pin<Box<dyn Future<Output = Result<BuildPage, ChunkError>>>>;

#[cfg(feature = "split")]
impl From<SplitLoaderError> for ChunkError {
    fn from(_: SplitLoaderError) -> Self {
        // The link script has logged the reason.
        Self
    }
}

/// Declares a page, a form or a dialog, and the chunk that it is in. The name of the chunk becomes
/// a part of the file name.
macro_rules! lazy_page {
    ($page:ident in $chunk:ident, $build:expr) => {
        pub(crate) fn $page() -> Chunk {
            #[cfg(feature = "split")]
            #[wasm_split($chunk, wasm_split_path = ::leptos::wasm_split, fallible)]
            fn load() -> Result<BuildPage, ChunkError> {
                Ok($build)
            }

            #[cfg(not(feature = "split"))]
            async fn load() -> Result<BuildPage, ChunkError> {
                Ok($build)
            }

            Box::pin(load())
        }
    };
}

lazy_page!(account in account, || features::account::components::AccountPage().into_any());
lazy_page!(help in help, || features::help::components::HelpPage().into_any());
lazy_page!(dialogs in dialogs, || Dialogs().into_any());
lazy_page!(lost_drafts in dialogs, || features::drafts::components::LostDrafts().into_any());
lazy_page!(manual_entry in dialogs, || features::entries::components::ManualEntry().into_any());
