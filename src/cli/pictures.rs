//! Pictures as files.

use std::path::Path;

use super::end::Failure;
use super::output;
use crate::render::charts::Picture;
use crate::scenario::raw_options::escaped;

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

/// The files of the pictures, one on each line.
pub(super) fn names(pictures: &[Picture], folder: &Path) -> String {
    let line = |(picture, form): (&Picture, &str)| {
        let path = folder.join(format!("{}.{form}", picture.name));
        format!("{}\n", escaped(&path.to_string_lossy()))
    };
    let files = pictures.iter().flat_map(|picture| ["png", "svg"].map(|form| (picture, form)));
    files.map(line).collect()
}
