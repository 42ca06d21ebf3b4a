//! Pictures as files.

use std::path::Path;

use super::end::Failure;
use super::output;
use crate::render::charts::Picture;

/// Writes each picture as PNG and SVG.
///
/// # Errors
/// The first file that cannot be written.
pub(super) fn write(pictures: &[Picture], folder: &Path) -> Result<(), Failure> {
    for picture in pictures {
        output::write(&folder.join(format!("{}.png", picture.name)), &picture.png)?;
        output::write(&folder.join(format!("{}.svg", picture.name)), picture.svg.as_bytes())?;
    }
    Ok(())
}
