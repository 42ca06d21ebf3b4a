//! What one part of a server knows of connections: a table that is empty until that part is used.

use super::calendar::Handle;

/// A value for each connection.
#[derive(Debug)]
pub(super) struct PerConnection<T> {
    /// By index, with the generation that the value is of.
    values: Vec<(u32, T)>,
    empty: T,
}

impl<T: Copy> PerConnection<T> {
    /// Nothing is known of any connection but `empty`.
    pub(crate) fn new(empty: T) -> Self {
        PerConnection { values: Vec::new(), empty }
    }

    /// What is known of a connection.
    pub(crate) fn get(&self, conn: Handle) -> T {
        match self.values.get(conn.index as usize) {
            Some((generation, value)) if *generation == conn.generation => *value,
            _ => self.empty,
        }
    }

    /// The same, for changes.
    pub(crate) fn get_mut(&mut self, conn: Handle) -> &mut T {
        let index = conn.index as usize;
        if self.values.len() <= index {
            self.values.resize(index + 1, (0, self.empty));
        }
        let (generation, value) = &mut self.values[index];
        if *generation != conn.generation {
            (*generation, *value) = (conn.generation, self.empty);
        }
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_connection_of_an_index_begins_anew() {
        let mut known = PerConnection::new(7);
        let [first, next] = [0, 1].map(|generation| Handle { index: 2, generation });
        assert_eq!(known.get(first), 7);
        *known.get_mut(first) += 1;
        assert_eq!((known.get(first), known.get(next)), (8, 7));
        *known.get_mut(next) += 2;
        assert_eq!((known.get(first), known.get(next)), (7, 9));
    }
}
