//! The model, as the checker wants it.

use stateright::{Model, Property};

use crate::actions::{Action, actions};
use crate::property::properties;
use crate::setting::Setting;
use crate::step::next;
use crate::world::World;

/// A setting, as a model to be checked.
#[derive(Clone, Debug)]
pub struct Checked(pub Setting);

impl Model for Checked {
    type State = World;
    type Action = Action;

    fn init_states(&self) -> Vec<World> {
        vec![World::begin(&self.0)]
    }

    fn actions(&self, world: &World, into: &mut Vec<Action>) {
        actions(&self.0, world, into);
    }

    fn next_state(&self, world: &World, action: Action) -> Option<World> {
        next(&self.0, world, action)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        properties()
    }
}
