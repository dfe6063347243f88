//! `GET /v1/dead-letters/groups`: dead letters of one cause together, the largest group first.

use domain::triage::Group;
use domain::triage::statements::{GroupPlace, Groups, groups};
use platform::{Problem, query};
use serde::Serialize;
use worker::{Env, Response};

use super::list::filter_of;
use crate::index::Index;

#[derive(Serialize)]
struct GroupsView {
    groups: Vec<Group>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
}

pub(super) async fn get(pairs: &[(String, String)], env: &Env) -> Result<Response, Problem> {
    let (filter, page) = filter_of(pairs, "groups")?;
    let after: Option<GroupPlace> = query::value(pairs, "cursor").map(|cursor| page.place(cursor)).transpose()?;
    let limit = query::limit(pairs)?;
    let mut rows: Vec<Groups> = Index::new(env)?.rows(&groups(&filter, after.as_ref(), limit + 1)).await?;
    let is_more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let cursor = rows.last().filter(|_| is_more).map(|last| page.cursor(&last.place()));
    super::json(200, &GroupsView { groups: rows.into_iter().map(Groups::into_group).collect(), cursor })
}
