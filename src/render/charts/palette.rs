//! Colours, dashes and marks that survive colour-blindness and grey print.
//!
//! Lines take the colours of Okabe and Ito, each with a mark and dashes of its own; heat maps take
//! cividis, whose lightness rises evenly, so that grey paper shows the same order.

/// A colour and how much it covers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Ink {
    /// Red, green, blue.
    pub(crate) rgb: (u8, u8, u8),
    /// 1 covers fully, 0 not at all.
    pub(crate) alpha: f64,
}

impl Ink {
    const fn solid(red: u8, green: u8, blue: u8) -> Self {
        Ink { rgb: (red, green, blue), alpha: 1.0 }
    }

    /// The same colour, covering less.
    pub(crate) const fn faint(self, alpha: f64) -> Self {
        Ink { rgb: self.rgb, alpha }
    }

    /// The colour that it is where it covers this part of white paper, as a colour that covers fully.
    pub(crate) fn over_white(self, alpha: f64) -> Self {
        let mixed = |part: u8| (255.0 + (f64::from(part) - 255.0) * alpha).round() as u8;
        let (red, green, blue) = self.rgb;
        Ink::solid(mixed(red), mixed(green), mixed(blue))
    }

    /// Relative luminance, as contrast is counted from: 0 for black, 1 for white.
    fn luminance(self) -> f64 {
        let linear = |part: u8| (f64::from(part) / 255.0).powf(2.2);
        let (red, green, blue) = self.rgb;
        0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
    }

    /// Black or white, whichever reads better on this colour.
    pub(crate) fn contrasting(self) -> Ink {
        let light = self.luminance() + 0.05;
        if light * light > 1.05 * 0.05 { BLACK } else { WHITE }
    }
}

pub(super) const WHITE: Ink = Ink::solid(255, 255, 255);
pub(super) const BLACK: Ink = Ink::solid(0, 0, 0);
/// Titles and labels.
pub(super) const TEXT: Ink = Ink::solid(34, 34, 34);
/// Notes and axis titles.
pub(super) const SOFT: Ink = Ink::solid(85, 85, 85);
/// Axes and ticks.
pub(super) const AXIS: Ink = Ink::solid(120, 120, 120);
/// Grid lines.
pub(super) const GRID: Ink = Ink::solid(228, 228, 228);
/// Hatching where nothing settles.
pub(super) const HATCH: Ink = Ink::solid(190, 190, 190);
/// Blue of Okabe and Ito.
pub(super) const BLUE: Ink = Ink::solid(0, 114, 178);
/// Vermillion of Okabe and Ito: refusals, crosses, capacity.
pub(super) const VERMILLION: Ink = Ink::solid(213, 94, 0);
/// Orange of Okabe and Ito: rules of thumb.
pub(super) const ORANGE: Ink = Ink::solid(230, 159, 0);

/// The band of a rule of thumb.
pub(super) const BAND: Ink = ORANGE.faint(0.2);

/// The shape of a line's marks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Mark {
    Circle,
    Square,
    Triangle,
    Diamond,
    Inverted,
    Cross,
    Ring,
    Frame,
}

/// Lengths of dashes and gaps by turns; none for a solid line.
pub(super) type Dashes = &'static [f64];

/// Dashes of guides and of theory.
pub(super) const DASHED: Dashes = &[6.0, 4.0];

/// How a line looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Style {
    pub(crate) ink: Ink,
    /// No mark for a theory's curve.
    pub(crate) mark: Option<Mark>,
    pub(crate) dashes: Dashes,
}

/// How many lines can be told apart, and so are drawn in one panel.
pub(super) const MOST_LINES: usize = 8;

const STYLES: [Style; MOST_LINES] = [
    style(BLUE, Mark::Circle, &[]),
    style(VERMILLION, Mark::Square, &[9.0, 3.0]),
    style(Ink::solid(0, 158, 115), Mark::Triangle, &[2.0, 3.0]),
    style(Ink::solid(204, 121, 167), Mark::Diamond, &[9.0, 3.0, 2.0, 3.0]),
    style(ORANGE, Mark::Inverted, &[]),
    style(Ink::solid(86, 180, 233), Mark::Ring, &[5.0, 3.0]),
    style(BLACK, Mark::Cross, &[2.0, 2.0]),
    style(AXIS, Mark::Frame, &[]),
];

const fn style(ink: Ink, mark: Mark, dashes: Dashes) -> Style {
    Style { ink, mark: Some(mark), dashes }
}

/// The style of line `number`; styles repeat after [`MOST_LINES`].
pub(super) fn line_style(number: usize) -> Style {
    STYLES[number % MOST_LINES]
}

/// The style of a theory's curve.
pub(super) const THEORY: Style = Style { ink: BLACK, mark: None, dashes: DASHED };

/// Cividis at even steps, dark to light.
const CIVIDIS: [(u8, u8, u8); 10] = [
    (0, 34, 78),
    (18, 53, 112),
    (59, 73, 108),
    (87, 93, 109),
    (112, 113, 115),
    (138, 134, 120),
    (165, 156, 116),
    (195, 179, 105),
    (225, 204, 85),
    (254, 232, 56),
];

/// The heat map's colour for `share` of the way from the least (light) to the most (dark).
pub(super) fn heat(share: f64) -> Ink {
    let share = if share.is_nan() { 0.0 } else { share.clamp(0.0, 1.0) };
    let place = (1.0 - share) * (CIVIDIS.len() - 1) as f64;
    let below = (place as usize).min(CIVIDIS.len() - 2);
    let part = place - below as f64;
    let (from, to) = (CIVIDIS[below], CIVIDIS[below + 1]);
    let mix = |a: u8, b: u8| (f64::from(a) + part * (f64::from(b) - f64::from(a))).round() as u8;
    Ink::solid(mix(from.0, to.0), mix(from.1, to.1), mix(from.2, to.2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heat_darkens_steadily_and_its_text_stays_readable() {
        let shades: Vec<Ink> = (0..=100).map(|step| heat(f64::from(step) / 100.0)).collect();
        assert!(shades.windows(2).all(|pair| pair[1].luminance() < pair[0].luminance()));
        for shade in shades {
            let (a, b) = (shade.luminance() + 0.05, shade.contrasting().luminance() + 0.05);
            assert!(a.max(b) / a.min(b) >= 4.0, "{shade:?}");
        }
        assert_eq!(heat(f64::NAN), heat(0.0));
    }

    #[test]
    fn no_two_lines_share_a_mark() {
        for (number, style) in STYLES.iter().enumerate() {
            assert!(STYLES[..number].iter().all(|other| other.mark != style.mark));
        }
    }
}
