//! Models by their names in Kendall's notation.

use crate::theory::model::{Arrivals, RequestPhase, TheoryModel};

/// The model in Kendall's notation: arrivals/service/workers, then what is unusual.
pub(crate) fn kendall(model: &TheoryModel) -> String {
    let workers = model.workers.map_or("inf".to_owned(), |workers| workers.to_string());
    let mut name = format!("{}/{}/{workers}", arrivals_letter(model), service_letter(model));
    let places = model.workers.zip(model.backlog).map(|(k, backlog)| k.saturating_add(backlog));
    let bounds = match model.arrivals {
        Arrivals::Closed { clients, .. } => places.is_some_and(|places| places < clients),
        _ => !model.is_endless(),
    };
    if let Some(places) = places.filter(|_| bounds) {
        name += &format!("/{places}");
    }
    if let Arrivals::Closed { clients, .. } = model.arrivals {
        name += &format!("//{clients}");
    }
    name + &model.patience.as_ref().map_or(String::new(), |time| format!("+{}", time.letter()))
}

fn arrivals_letter(model: &TheoryModel) -> String {
    match &model.arrivals {
        Arrivals::Poisson { .. } => "M".to_owned(),
        Arrivals::Renewal { gap } => match gap.letter().as_str() {
            "G" => "GI".to_owned(),
            letter => letter.to_owned(),
        },
        Arrivals::Modulated { rates, .. } if rates.len() == 2 && rates.contains(&0.0) => {
            "IPP".to_owned()
        }
        Arrivals::Modulated { .. } => "MMPP".to_owned(),
        Arrivals::Batches { .. } => "M^X".to_owned(),
        Arrivals::Other { .. } => "G".to_owned(),
        Arrivals::Closed { think, .. } => think.letter(),
    }
}

/// The service; where cores are shared, the phases that share them: `(M-PS8+M)`.
fn service_letter(model: &TheoryModel) -> String {
    if model.is_apart() {
        return model.service().letter();
    }
    let letter = |phase: &RequestPhase| match phase.on_cpu {
        true if model.has_gil() => format!("{}-GIL{}", phase.demand.letter(), model.cores),
        true => format!("{}-PS{}", phase.demand.letter(), model.cores),
        false => phase.demand.letter(),
    };
    let phases: Vec<String> = model.all_phases().iter().map(letter).collect();
    match &phases[..] {
        [one] => one.clone(),
        many if many.len() > 4 => format!("({}+…+{})", many[0], many[many.len() - 1]),
        many => format!("({})", many.join("+")),
    }
}
