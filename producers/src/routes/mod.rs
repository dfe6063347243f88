//! What each route does, one file a resource.

mod health;
mod jobs;
mod listing;
mod parts;
mod results;
mod schedules;
mod submissions;
mod tasks;
mod triage;

use domain::access::Scope;
use domain::id::JobId;
use domain::index_row::EXPIRED;
use platform::Problem;
use platform::index::Index;
use worker::{Env, Request, Response};

use crate::access::{authorize, identify};
use crate::admission::Admitted;
use crate::route::Route;

/// Serves one request.
pub(crate) async fn serve(mut request: Request, env: &Env, request_id: &str) -> Result<Response, Problem> {
    // The runtime's own word for the method: `worker` reads unknown ones as GET.
    let method = request.inner().method();
    let route = match Route::find(&method, &request.path()) {
        Ok(Route::Health) => return health::get(),
        Ok(route) => route,
        // Health needs no key, nor does learning that it is only for reading.
        Err(Problem::MethodNotAllowed(methods)) if request.path() == "/v1/health" => {
            return Err(Problem::MethodNotAllowed(methods));
        }
        // Who has no key learns nothing of what is here.
        Err(problem) => return Err(identify(&request, env).err().unwrap_or(problem)),
    };
    let job = route.job();
    let _admitted = match identify(&request, env) {
        Ok(key) => Admitted::enter(env, &key, job)?,
        // Nobody is told so before what is asked for is known to be there.
        Err(_) => Admitted::default(),
    };
    match dispatch(&mut request, env, route, request_id).await {
        Err(Problem::NotFound(detail)) => Err(missing(env, job, detail).await),
        answered => answered,
    }
}

/// Tells what was deleted from what never was: the ledger is gone either way, the index remembers.
async fn missing(env: &Env, job: Option<JobId>, detail: String) -> Problem {
    let Some(job) = job else { return Problem::NotFound(detail) };
    let state = async { Index::new(env)?.state(job).await.map_err(Problem::from) };
    match state.await {
        Ok(Some(state)) if state == EXPIRED => {
            Problem::Expired("the job ended long ago and was deleted with its results".to_owned())
        }
        Ok(_) => Problem::NotFound(detail),
        Err(problem) => problem,
    }
}

async fn dispatch(request: &mut Request, env: &Env, route: Route, request_id: &str) -> Result<Response, Problem> {
    match route {
        Route::Health => health::get(),
        Route::SubmitJob => {
            let key = authorize(request, env, Scope::Submit)?;
            submissions::job(request, env, &key).await
        }
        Route::ListJobs => {
            authorize(request, env, Scope::Read)?;
            listing::get(request, env).await
        }
        Route::SubmitTask => {
            let key = authorize(request, env, Scope::Submit)?;
            submissions::task(request, env, &key).await
        }
        Route::Job(job) => {
            authorize(request, env, Scope::Read)?;
            jobs::get(request, env, job).await
        }
        Route::Results(job) => {
            authorize(request, env, Scope::Read)?;
            results::get(request, env, job).await
        }
        Route::Audit(job) => {
            authorize(request, env, Scope::Read)?;
            jobs::audit(request, env, job).await
        }
        Route::Append(job) => {
            let key = authorize(request, env, Scope::Submit)?;
            parts::append(request, env, &key, job).await
        }
        Route::Seal(job) => {
            authorize(request, env, Scope::Submit)?;
            parts::seal(request, env, job).await
        }
        Route::CancelJob(job) => {
            authorize(request, env, Scope::Submit)?;
            jobs::cancel(request, env, job).await
        }
        Route::CancelTask(task) => {
            authorize(request, env, Scope::Submit)?;
            tasks::cancel(request, env, task).await
        }
        Route::ListSchedules => {
            authorize(request, env, Scope::Read)?;
            schedules::list(request, env).await
        }
        Route::Schedule(name) => {
            authorize(request, env, Scope::Read)?;
            schedules::get(request, env, &name).await
        }
        Route::Runs(name) => {
            authorize(request, env, Scope::Read)?;
            schedules::runs(request, env, &name).await
        }
        Route::PutSchedule(name) => {
            authorize(request, env, Scope::Admin)?;
            schedules::put(request, env, &name).await
        }
        Route::DeleteSchedule(name) => {
            authorize(request, env, Scope::Admin)?;
            schedules::delete(request, env, &name).await
        }
        Route::PauseSchedule(name) => {
            authorize(request, env, Scope::Admin)?;
            schedules::pause(request, env, &name).await
        }
        Route::ResumeSchedule(name) => {
            authorize(request, env, Scope::Admin)?;
            schedules::resume(request, env, &name).await
        }
        Route::RunSchedule(name) => {
            let key = authorize(request, env, Scope::Admin)?;
            schedules::run(request, env, &key, &name).await
        }
        Route::Backfill(name) => {
            authorize(request, env, Scope::Admin)?;
            schedules::backfill(request, env, &name).await
        }
        Route::Triage(scope) => {
            let key = authorize(request, env, scope)?;
            triage::pass_on(request, env, &key, request_id).await
        }
        Route::Task(task) => {
            authorize(request, env, Scope::Read)?;
            tasks::get(request, env, task).await
        }
    }
}

/// An answer in JSON.
pub(crate) fn json(status: u16, body: &impl serde::Serialize) -> Result<Response, Problem> {
    Ok(Response::from_json(body)?.with_status(status))
}

/// An answer that is JSON already.
pub(crate) fn text(status: u16, json: String) -> Result<Response, Problem> {
    let headers = worker::Headers::new();
    headers.set("content-type", "application/json")?;
    Ok(Response::ok(json)?.with_status(status).with_headers(headers))
}
