//! What is refused in `config/schedules.toml`, from one good example.

use crate::Environment;
use crate::check_schedules::check_schedules;

const GOOD: &str = r#"
[nightly]
environments = ["development"]
cron = "0 3 * * *"
generator = "tasks"

[[nightly.input.tasks]]
kind = "simulate"
"#;

fn faults(toml: &str) -> Vec<String> {
    check_schedules(toml, "development", &Environment::Development.settings()).err().unwrap_or_default()
}

#[test]
fn the_good_example_is_a_schedule_of_its_environment_only() {
    let named = |environment: &str, settings| {
        let schedules = check_schedules(GOOD, environment, &settings).unwrap();
        schedules.into_iter().map(|(name, _)| name).collect::<Vec<_>>()
    };
    assert_eq!(named("development", Environment::Development.settings()), ["nightly"]);
    assert!(named("production", Environment::Production.settings()).is_empty());
}

#[test]
fn what_an_environment_does_not_have_is_refused_there() {
    let everywhere = GOOD.replace("environments = [\"development\"]\n", "");
    assert!(faults(&everywhere).is_empty());
    let production = check_schedules(&everywhere, "production", &Environment::Production.settings()).unwrap_err();
    assert!(production[0].starts_with("nightly: input.tasks.kind"), "{production:?}");
}

macro_rules! rule {
    ($name:ident, $start:literal, $from:literal => $to:literal) => {
        #[test]
        fn $name() {
            let faults = faults(&GOOD.replace($from, $to));
            assert!(faults.len() == 1 && faults[0].starts_with($start), "{faults:?}");
        }
    };
}

rule!(a_cron_that_never_fires_is_refused, "nightly: cron: ", "0 3 * * *" => "0 3 30 2 *");
rule!(an_unknown_field_is_refused, "nightly: overlapp: ", "cron =" => "overlapp = \"skip\"\ncron =");
rule!(an_unknown_environment_is_refused, "nightly: environments: ", "[\"development\"]" => "[\"development\", \"staging\"]");
rule!(an_unknown_generator_is_refused, "nightly: generator: ", "\"tasks\"" => "\"sql\"");
rule!(a_name_that_fits_no_path_is_refused, "nightly/x: a schedule's name", "[nightly]" => "[\"nightly/x\"]\ncron = \"@daily\"\ngenerator = \"template\"\ninput.task.kind = \"simulate\"\n[nightly]");
rule!(a_time_without_quotes_is_refused, "nightly: input.tasks.run_at: ", "kind = \"simulate\"" => "kind = \"simulate\"\nrun_at = 2027-01-01T00:00:00Z");
rule!(what_is_no_toml_is_refused, "TOML parse error", "cron =" => "cron");
