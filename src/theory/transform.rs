//! Distributions of a positive time, known by their moments and their Laplace-Stieltjes transform.
//!
//! The formulas of queues see a distribution only through `E[e^(-sX)]`. Where that has a closed
//! form it is used; for the others (log-normal, Weibull, Pareto, Lomax) it is a fixed sum of
//! exponentials from a double-exponential quadrature (Takahasi & Mori 1974).

use statrs::function::gamma::gamma;

use super::numeric::Complex;
use super::stages::{MOST_STAGES, Stages};
use super::{Result, TheoryError, not_negative, positive};

/// The first moments of a distribution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moments {
    /// `E[X]` in seconds.
    pub mean: f64,
    /// `E[X²]` in s²; infinite for some heavy tails.
    pub(crate) second: f64,
    /// `E[X³]` in s³, where it is known; infinite for some heavy tails.
    pub(crate) third: Option<f64>,
}

impl Moments {
    /// From the mean (s) and the squared coefficient of variation.
    #[cfg(test)]
    pub(crate) fn from_scv(mean: f64, scv: f64) -> Self {
        Moments { mean, second: mean * mean * (1.0 + scv), third: None }
    }

    /// The variance over the squared mean; 0 for a mean of 0.
    pub fn scv(&self) -> f64 {
        if self.mean == 0.0 { 0.0 } else { (self.second / (self.mean * self.mean) - 1.0).max(0.0) }
    }

    /// The moments of `factor` times the time.
    pub(crate) fn scaled(&self, factor: f64) -> Moments {
        Moments {
            mean: self.mean * factor,
            second: self.second * factor.powi(2),
            third: self.third.map(|third| third * factor.powi(3)),
        }
    }

    /// The moments of the sum of two independent times.
    pub(crate) fn plus(&self, other: &Moments) -> Moments {
        let third = self
            .third
            .zip(other.third)
            .map(|(x, y)| x + y + 3.0 * (self.second * other.mean + self.mean * other.second));
        let second = self.second + other.second + 2.0 * self.mean * other.mean;
        Moments { mean: self.mean + other.mean, second, third }
    }
}

/// A distribution of a positive time with its transform.
#[derive(Clone, Debug, PartialEq)]
pub struct Transform {
    moments: Moments,
    form: TransformForm,
}

#[derive(Clone, Debug, PartialEq)]
enum TransformForm {
    Constant(f64),
    Gamma {
        shape: f64,
        scale: f64,
    },
    Uniform {
        min: f64,
        max: f64,
    },
    /// A sum of weight e^(-s x) over (x, weight).
    Quadrature(Vec<(f64, f64)>),
    Mixture(Vec<(f64, Transform)>),
    Sum(Box<(Transform, Transform)>),
}

impl Transform {
    /// Always `value` seconds.
    ///
    /// # Errors
    /// A value below zero.
    pub fn constant(value: f64) -> Result<Self> {
        let x = not_negative("the constant", value)?;
        let moments = Moments { mean: x, second: x * x, third: Some(x * x * x) };
        Ok(Transform { moments, form: TransformForm::Constant(x) })
    }

    /// Exponential with this mean (s).
    ///
    /// # Errors
    /// A mean that is not above zero.
    pub fn exponential(mean: f64) -> Result<Self> {
        Transform::gamma(1.0, mean)
    }

    /// Erlang with `stages` stages and this mean (s).
    ///
    /// # Errors
    /// No stages, or a mean that is not above zero.
    pub fn erlang(stages: usize, mean: f64) -> Result<Self> {
        Transform::gamma(stages as f64, mean)
    }

    /// Gamma with this shape and mean (s).
    ///
    /// # Errors
    /// A parameter that is not above zero.
    pub fn gamma(shape: f64, mean: f64) -> Result<Self> {
        let (shape, mean) = (positive("the shape", shape)?, positive("the mean", mean)?);
        let second = mean * mean * (1.0 + 1.0 / shape);
        let third = Some(second * mean * (1.0 + 2.0 / shape));
        let form = TransformForm::Gamma { shape, scale: mean / shape };
        Ok(Transform { moments: Moments { mean, second, third }, form })
    }

    /// Uniform between two ends (s).
    ///
    /// # Errors
    /// An end below zero, or ends out of order.
    pub fn uniform(min: f64, max: f64) -> Result<Self> {
        not_negative("the lower end", min)?;
        positive("the distance of the ends", max - min)?;
        let second = (min * min + min * max + max * max) / 3.0;
        let third = Some((min + max) * (min * min + max * max) / 4.0);
        let moments = Moments { mean: (min + max) / 2.0, second, third };
        Ok(Transform { moments, form: TransformForm::Uniform { min, max } })
    }

    /// Log-normal with this mean (s) and coefficient of variation.
    ///
    /// # Errors
    /// A parameter that is not above zero.
    pub fn lognormal(mean: f64, cv: f64) -> Result<Self> {
        let growth = 1.0 + positive("the cv", cv)?.powi(2);
        let mean = positive("the mean", mean)?;
        let sigma = growth.ln().sqrt();
        let mu = mean.ln() - sigma * sigma / 2.0;
        let density = |z: f64| (-z * z / 2.0).exp() / (2.0 * std::f64::consts::PI).sqrt();
        let intervals = 1_000 * (1.0 + sigma).ceil() as usize;
        let nodes = trapezoid(-9.0, 9.0, intervals, |z| ((mu + sigma * z).exp(), density(z)));
        let (second, third) = (mean * mean * growth, Some((mean * growth).powi(3)));
        Ok(Transform {
            moments: Moments { mean, second, third },
            form: TransformForm::Quadrature(nodes),
        })
    }

    /// Weibull with this shape and mean (s).
    ///
    /// # Errors
    /// A parameter that is not above zero.
    pub fn weibull(shape: f64, mean: f64) -> Result<Self> {
        let (shape, mean) = (positive("the shape", shape)?, positive("the mean", mean)?);
        let moment = |r: f64| gamma(1.0 + r / shape);
        let scale = mean / moment(1.0);
        let moments = Moments {
            mean,
            second: scale.powi(2) * moment(2.0),
            third: Some(scale.powi(3) * moment(3.0)),
        };
        let nodes = of_exponential(|y| scale * y.powf(1.0 / shape));
        Ok(Transform { moments, form: TransformForm::Quadrature(nodes) })
    }

    /// Pareto: P(X > x) = (min / x)^alpha from `min` (s) on.
    ///
    /// # Errors
    /// `min` not above zero, or `alpha` not above 1 (an infinite mean).
    pub fn pareto(min: f64, alpha: f64) -> Result<Self> {
        positive("the minimum", min)?;
        finite_mean(alpha)?;
        let moment = |r: f64| {
            if alpha > r { alpha * min.powf(r) / (alpha - r) } else { f64::INFINITY }
        };
        let moments = Moments { mean: moment(1.0), second: moment(2.0), third: Some(moment(3.0)) };
        let nodes = of_exponential(|y| min * (y / alpha).exp());
        Ok(Transform { moments, form: TransformForm::Quadrature(nodes) })
    }

    /// Any distribution without atoms by its quantile function (`quantile(p)` in seconds, 0 < p <
    /// 1) and its moments. Transforms are right to about 1e-6.
    pub(crate) fn by_quantiles(moments: Moments, quantile: impl Fn(f64) -> f64) -> Self {
        let nodes = of_exponential(|y| quantile(-(-y).exp_m1()));
        Transform { moments, form: TransformForm::Quadrature(nodes) }
    }

    /// Lomax (Pareto of the second kind): P(X > x) = (1 + x / scale)^-alpha.
    ///
    /// # Errors
    /// `scale` (s) not above zero, or `alpha` not above 1 (an infinite mean).
    pub fn lomax(scale: f64, alpha: f64) -> Result<Self> {
        positive("the scale", scale)?;
        finite_mean(alpha)?;
        let moment = |r: usize| {
            let factors = 1..=r;
            if alpha <= r as f64 {
                return f64::INFINITY;
            }
            factors.map(|i| i as f64 * scale / (alpha - i as f64)).product()
        };
        let moments = Moments { mean: moment(1), second: moment(2), third: Some(moment(3)) };
        let nodes = of_exponential(|y| scale * (y / alpha).exp_m1());
        Ok(Transform { moments, form: TransformForm::Quadrature(nodes) })
    }

    /// Hyperexponential: exponential with one of several (probability, mean in s).
    ///
    /// # Errors
    /// As [`Transform::mixture`].
    pub fn hyperexponential(parts: &[(f64, f64)]) -> Result<Self> {
        let parts = parts.iter().map(|&(p, mean)| Ok((p, Transform::exponential(mean)?)));
        Transform::mixture(parts.collect::<Result<_>>()?)
    }

    /// One of several distributions, with probabilities that sum to 1.
    ///
    /// # Errors
    /// Probabilities that are negative or do not sum to 1 (to 1e-9).
    pub fn mixture(parts: Vec<(f64, Transform)>) -> Result<Self> {
        for (p, _) in &parts {
            not_negative("a probability", *p)?;
        }
        let total: f64 = parts.iter().map(|(p, _)| p).sum();
        if (total - 1.0).abs() > 1e-9 {
            let what = "the sum of the probabilities";
            return Err(TheoryError::Parameter { what, value: total, must: "1" });
        }
        let sum = |f: &dyn Fn(&Moments) -> f64| -> f64 {
            parts.iter().map(|(p, part)| p * f(&part.moments)).sum()
        };
        let third = sum(&|m| m.third.unwrap_or(f64::NAN));
        let moments =
            Moments { mean: sum(&|m| m.mean), second: sum(&|m| m.second), third: Some(third) };
        Ok(Transform { moments, form: TransformForm::Mixture(parts) })
    }

    /// The sum of two independent times.
    pub(crate) fn plus(self, other: Transform) -> Transform {
        let moments = self.moments.plus(&other.moments);
        Transform { moments, form: TransformForm::Sum(Box::new((self, other))) }
    }

    /// The distribution of `factor` times the time.
    pub(crate) fn scaled(&self, factor: f64) -> Transform {
        let form = match &self.form {
            TransformForm::Constant(x) => TransformForm::Constant(x * factor),
            TransformForm::Gamma { shape, scale } => {
                TransformForm::Gamma { shape: *shape, scale: scale * factor }
            }
            TransformForm::Uniform { min, max } => {
                TransformForm::Uniform { min: min * factor, max: max * factor }
            }
            TransformForm::Quadrature(nodes) => TransformForm::Quadrature(
                nodes.iter().map(|&(x, weight)| (x * factor, weight)).collect(),
            ),
            TransformForm::Mixture(parts) => TransformForm::Mixture(
                parts.iter().map(|(p, part)| (*p, part.scaled(factor))).collect(),
            ),
            TransformForm::Sum(parts) => {
                TransformForm::Sum(Box::new((parts.0.scaled(factor), parts.1.scaled(factor))))
            }
        };
        Transform { moments: self.moments.scaled(factor), form }
    }

    /// The first three moments.
    pub fn moments(&self) -> Moments {
        self.moments
    }

    /// Whether the distribution has no atoms, so that a transform can be inverted point by point.
    pub(crate) fn is_smooth(&self) -> bool {
        match &self.form {
            TransformForm::Constant(_) => false,
            TransformForm::Mixture(parts) => parts.iter().all(|(_, part)| part.is_smooth()),
            TransformForm::Sum(parts) => parts.0.is_smooth() || parts.1.is_smooth(),
            _ => true,
        }
    }

    /// The value, if the distribution is a constant.
    pub(crate) fn as_constant(&self) -> Option<f64> {
        match self.form {
            TransformForm::Constant(value) => Some(value),
            _ => None,
        }
    }

    /// The distribution as exponential stages, if it is such a distribution with not too many of
    /// them.
    pub(crate) fn stages(&self) -> Option<Stages> {
        match &self.form {
            TransformForm::Gamma { shape, scale } => {
                let count = shape.round();
                let whole = (shape - count).abs() < 1e-9 * count;
                (whole && (1.0..=MOST_STAGES as f64).contains(&count))
                    .then(|| Stages::in_a_row(count as usize, shape * scale))
            }
            TransformForm::Mixture(parts) if parts.len() <= MOST_STAGES => {
                let parts = parts.iter().map(|(p, part)| Some((*p, part.stages()?)));
                Some(Stages::one_of(&parts.collect::<Option<Vec<_>>>()?))
                    .filter(|all| all.means.len() <= MOST_STAGES)
            }
            TransformForm::Sum(parts) => {
                let all = parts.0.stages()?.then(&parts.1.stages()?);
                Some(all).filter(|all| all.means.len() <= MOST_STAGES)
            }
            _ => None,
        }
    }

    /// The letter of the distribution in Kendall's notation.
    pub(super) fn letter(&self) -> String {
        let exponential =
            |part: &Transform| matches!(part.form, TransformForm::Gamma { shape: 1.0, .. });
        match &self.form {
            TransformForm::Constant(_) => "D".to_owned(),
            TransformForm::Gamma { .. } if exponential(self) => "M".to_owned(),
            TransformForm::Gamma { shape, .. } if shape.fract() == 0.0 => format!("E{shape}"),
            TransformForm::Mixture(parts) if parts.iter().all(|(_, part)| exponential(part)) => {
                format!("H{}", parts.len())
            }
            _ => "G".to_owned(),
        }
    }

    /// `E[e^(-sX)]` for Re(s) >= 0; `s` per second.
    pub(crate) fn lst(&self, s: Complex) -> Complex {
        match &self.form {
            TransformForm::Constant(x) => (-s * *x).exp(),
            TransformForm::Gamma { shape, scale } => (Complex::ONE + s * *scale).powf(-shape),
            TransformForm::Uniform { min, max } => uniform_lst(s, *min, *max),
            TransformForm::Quadrature(nodes) => {
                nodes.iter().fold(Complex::ZERO, |sum, &(x, weight)| sum + (-s * x).exp() * weight)
            }
            TransformForm::Mixture(parts) => {
                parts.iter().fold(Complex::ZERO, |sum, (p, part)| sum + part.lst(s) * *p)
            }
            TransformForm::Sum(parts) => parts.0.lst(s) * parts.1.lst(s),
        }
    }

    /// `E[e^(-sX)]` at `count` equidistant places s, s + step, ...: what the inversion needs,
    /// without an exponential for each node and place.
    pub(crate) fn lst_series(&self, s: Complex, step: Complex, count: usize) -> Vec<Complex> {
        let places = (0..count).map(|k| s + step * k as f64);
        match &self.form {
            TransformForm::Quadrature(nodes) => {
                let mut sums = vec![Complex::ZERO; count];
                for &(x, weight) in nodes {
                    let (mut value, factor) = ((-s * x).exp() * weight, (-step * x).exp());
                    if value == Complex::ZERO {
                        continue;
                    }
                    for sum in &mut sums {
                        *sum += value;
                        value *= factor;
                    }
                }
                sums
            }
            TransformForm::Mixture(parts) => {
                let series = parts.iter().map(|(p, part)| (p, part.lst_series(s, step, count)));
                let mut sums = vec![Complex::ZERO; count];
                for (p, values) in series {
                    sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value * *p);
                }
                sums
            }
            TransformForm::Sum(parts) => {
                let (a, b) = (&parts.0, &parts.1);
                let (a, b) = (a.lst_series(s, step, count), b.lst_series(s, step, count));
                a.into_iter().zip(b).map(|(a, b)| a * b).collect()
            }
            _ => places.map(|s| self.lst(s)).collect(),
        }
    }

    /// `E[e^(-sX)]` for real s >= 0.
    pub(crate) fn lst_real(&self, s: f64) -> f64 {
        self.lst(Complex::from(s)).re
    }
}

/// (e^(-s min) - e^(-s max)) / (s (max - min)).
fn uniform_lst(s: Complex, min: f64, max: f64) -> Complex {
    if s == Complex::ZERO {
        return Complex::ONE;
    }
    ((-s * min).exp() - (-s * max).exp()) / (s * (max - min))
}

fn finite_mean(alpha: f64) -> Result<f64> {
    if alpha > 1.0 { Ok(alpha) } else { Err(TheoryError::MissingMoment("the mean")) }
}

/// The nodes of the trapezoidal rule for the integral of f(x(v)) weight(v) dv.
fn trapezoid(
    from: f64,
    to: f64,
    intervals: usize,
    node: impl Fn(f64) -> (f64, f64),
) -> Vec<(f64, f64)> {
    let step = (to - from) / intervals as f64;
    let nodes = (0..=intervals).map(|i| node(from + step * i as f64));
    let nodes: Vec<_> = nodes.filter(|&(_, weight)| weight > 1e-18).collect();
    let total: f64 = nodes.iter().map(|&(_, weight)| weight).sum();
    nodes.into_iter().map(|(x, weight)| (x, weight / total)).collect()
}

/// Nodes for `time(Y)`, Y exponential with mean 1, by the substitution y = exp(v - e^(-v)).
fn of_exponential(time: impl Fn(f64) -> f64) -> Vec<(f64, f64)> {
    trapezoid(-4.5, 4.5, 2_000, |v| {
        let y = (v - (-v).exp()).exp();
        (time(y), (-y).exp() * y * (1.0 + (-v).exp()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The transform near zero is 1 - s `E[X]` + s² `E[X²]` / 2 - ...
    #[test]
    fn transforms_and_moments_agree() {
        let distributions = [
            Transform::constant(2.0),
            Transform::erlang(3, 2.0),
            Transform::gamma(0.25, 1.0),
            Transform::uniform(0.5, 1.5),
            Transform::lognormal(1.0, 2.0),
            Transform::weibull(0.7, 1.0),
            Transform::pareto(0.7, 3.5),
            Transform::lomax(2.5, 3.5),
            Transform::hyperexponential(&[(0.9, 0.5), (0.1, 5.5)]),
        ];
        for distribution in distributions {
            let distribution = distribution.unwrap();
            let Moments { mean, second, .. } = distribution.moments();
            let s = 1e-4;
            let got = 1.0 - distribution.lst_real(s);
            let expected = s * mean - s * s * second / 2.0;
            assert!((got / expected - 1.0).abs() < 1e-5, "{distribution:?}: {got} {expected}");
        }
    }

    #[test]
    fn quadrature_agrees_with_the_closed_form() {
        let (by_nodes, closed) =
            (Transform::weibull(1.0, 0.5).unwrap(), Transform::exponential(0.5).unwrap());
        for s in [Complex::from(0.1), Complex::new(9.0, 3.0), Complex::new(5.0, 120.0)] {
            let difference = by_nodes.lst(s) - closed.lst(s);
            assert!(difference.re.hypot(difference.im) < 1e-11, "{s:?}: {difference:?}");
        }
        let (s, step) = (Complex::new(3.0, 0.0), Complex::new(0.0, 2.0));
        for (k, value) in by_nodes.lst_series(s, step, 5).into_iter().enumerate() {
            let difference = closed.lst(s + step * k as f64) - value;
            assert!(difference.re.hypot(difference.im) < 1e-12, "{k}: {difference:?}");
        }
        assert!((by_nodes.moments().second - 0.5).abs() < 1e-14);
    }

    #[test]
    fn moments_of_a_sum() {
        let sum = Transform::exponential(1.0).unwrap().plus(Transform::exponential(1.0).unwrap());
        let erlang = Transform::erlang(2, 2.0).unwrap();
        assert_eq!(sum.moments(), erlang.moments());
        assert!((sum.lst_real(0.7) - erlang.lst_real(0.7)).abs() < 1e-15);
        let scaled = Transform::lognormal(1.0, 2.0).unwrap().scaled(3.0);
        let direct = Transform::lognormal(3.0, 2.0).unwrap();
        assert!((scaled.lst_real(0.7) - direct.lst_real(0.7)).abs() < 1e-14);
        assert!((scaled.moments().second / direct.moments().second - 1.0).abs() < 1e-14);
        assert!(Transform::pareto(1.0, 1.0).unwrap_err().to_string().contains("mean is infinite"));
    }
}
