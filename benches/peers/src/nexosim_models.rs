use crate::models::Model;
pub fn mean_response(_model: Model, _requests: u64) -> f64 { 0.0 }
