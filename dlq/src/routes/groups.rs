//! `GET /v1/dead-letters/groups`: dead letters of one cause together, the largest group first.

use domain::triage::statements::{GroupPlace, Groups, groups};
use platform::{Problem, query};
use serde_json::json;
use worker::{Env, Response};

use super::list::filter_of;
use crate::index::Index;

pub(super) async fn get(pairs: &[(String, String)], env: &Env) -> Result<Response, Problem> {
    let (filter, page) = filter_of(pairs, "groups")?;
    let after: Option<GroupPlace> = query::value(pairs, "cursor").map(|cursor| page.place(cursor)).transpose()?;
    let limit = query::limit(pairs)?;
    let mut rows: Vec<Groups> = Index::new(env)?.rows(&groups(&filter, after.as_ref(), limit + 1)).await?;
    let is_more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let cursor = rows.last().filter(|_| is_more).map(|last| page.cursor(&last.place()));
    let groups: Vec<_> = rows.into_iter().map(Groups::into_group).collect();
    let mut answer = json!({ "groups": groups });
    if let Some(cursor) = cursor {
        answer["cursor"] = cursor.into();
    }
    super::json(200, &answer)
}
