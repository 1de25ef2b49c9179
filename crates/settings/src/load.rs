//! From flags and variables to a parsed struct, or to one line that names what is wrong.

use std::ffi::OsString;
use std::io::Write as _;

use clap::builder::OsStr;
use clap::error::{ContextKind, ErrorKind};
use clap::{Arg, Args, Command, FromArgMatches, Parser};

use crate::Environment;

/// A setting that stops the start: one line, the setting's name first.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name}: {why}")]
pub struct SettingsError {
    name: String,
    why: String,
}

impl SettingsError {
    /// A complaint about the setting of that name. Line breaks in it become spaces.
    pub fn new(name: &str, why: &str) -> Self {
        let line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        Self { name: line(name), why: line(why) }
    }

    /// The flag or variable complained about.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// Reads a program's command line and environment. Help and version are printed; what is wrong is said in one line on
/// standard error; both end the process, the latter with 2.
pub fn load_or_exit<P: Parser>() -> P {
    let environment = Environment::of_process().unwrap_or_else(|error| stop(&error));
    let arguments: Vec<OsString> = std::env::args_os().collect();
    match parse(P::command(), arguments, &environment) {
        Ok(parsed) => parsed,
        Err(Trouble::Setting(error)) => stop(&error),
        // Parsed once more without our values, so that help names the variables.
        Err(Trouble::Usage(usage)) => P::try_parse().err().unwrap_or(usage).exit(),
    }
}

/// Ends the process as a wrong setting does: one line on standard error, and 2.
pub fn stop(error: &SettingsError) -> ! {
    // Nobody is left to tell when standard error is gone.
    let _ = writeln!(std::io::stderr(), "{error}");
    std::process::exit(2)
}

/// Reads settings from these arguments (the first is the program's name) and variables.
pub fn read<P: Parser>(arguments: Vec<OsString>, environment: &Environment) -> Result<P, SettingsError> {
    parse(P::command(), arguments, environment).map_err(Trouble::into_setting)
}

/// Reads a section from variables alone: what a test, or a service within another program, starts from.
pub fn from_pairs<A: Args>(pairs: &[(&str, &str)]) -> Result<A, SettingsError> {
    let environment = Environment::from_pairs(pairs.iter().copied());
    let command = A::augment_args(Command::new("shipstack"));
    parse(command, vec![OsString::from("shipstack")], &environment).map_err(Trouble::into_setting)
}

enum Trouble {
    Setting(SettingsError),
    /// Help, version, or a command line that makes no sense: clap's own words are best.
    Usage(clap::Error),
}

impl Trouble {
    fn into_setting(self) -> SettingsError {
        match self {
            Self::Setting(error) => error,
            Self::Usage(error) => SettingsError::new("command line", &error.to_string()),
        }
    }
}

fn parse<T: FromArgMatches>(
    command: Command,
    arguments: Vec<OsString>,
    environment: &Environment,
) -> Result<T, Trouble> {
    let mut overlay = Overlay { environment, seen: Vec::new(), trouble: None };
    let command = overlay.of_command(command);
    let Overlay { seen, trouble, .. } = overlay;
    if let Some(error) = trouble {
        return Err(Trouble::Setting(error));
    }
    let parsed = command.try_get_matches_from(arguments).and_then(|matches| T::from_arg_matches(&matches));
    parsed.map_err(|error| named(&seen, error))
}

/// Hands the environment's values to clap as defaults. clap's own look at the environment is switched off: it knows
/// neither `.env` nor aliases nor files, and takes an empty variable for a value.
struct Overlay<'a> {
    environment: &'a Environment,
    seen: Vec<Seen>,
    trouble: Option<SettingsError>,
}

/// A setting, and the variable and value that it was given by.
struct Seen {
    flag: String,
    secret: bool,
    given: Option<(String, String)>,
}

impl Overlay<'_> {
    fn of_command(&mut self, command: Command) -> Command {
        let command = command.mut_args(|arg| self.of_arg(arg));
        command.mut_subcommands(|command| self.of_command(command))
    }

    fn of_arg(&mut self, arg: Arg) -> Arg {
        let given = value_of(&arg, self.environment).unwrap_or_else(|error| {
            self.trouble.get_or_insert(error);
            None
        });
        let flag = format!("--{}", arg.get_long().unwrap_or_default());
        let secret = is_secret(&arg);
        let arg = match &given {
            Some((_, value)) => arg.default_value(OsStr::from(value.clone())),
            None => arg,
        };
        self.seen.push(Seen { flag, secret, given });
        arg.env(None::<&'static str>)
    }
}

fn value_of(arg: &Arg, environment: &Environment) -> Result<Option<(String, String)>, SettingsError> {
    match arg.get_env().and_then(|name| name.to_str()) {
        Some(name) if is_secret(arg) => environment.secret(name),
        Some(name) => environment.value(name),
        None => Ok(None),
    }
}

/// Secrets are the settings whose values help does not show.
pub(crate) fn is_secret(arg: &Arg) -> bool {
    arg.is_hide_env_values_set()
}

fn named(seen: &[Seen], error: clap::Error) -> Trouble {
    let text = |kind| error.get(kind).map(ToString::to_string);
    let is_value = matches!(error.kind(), ErrorKind::InvalidValue | ErrorKind::ValueValidation);
    let (Some(flag), Some(value), true) =
        (text(ContextKind::InvalidArg), text(ContextKind::InvalidValue), is_value)
    else {
        return Trouble::Usage(error);
    };
    let bare = flag.split([' ', '=']).next().unwrap_or(&flag);
    let seen = seen.iter().find(|seen| seen.flag == bare);
    let shown =
        if seen.is_some_and(|seen| seen.secret) { "the value".to_owned() } else { format!("“{value}”") };
    let why = format!("{shown} is not acceptable: {}", reason(&error));
    Trouble::Setting(SettingsError::new(origin(seen, bare, &value), &why))
}

fn reason(error: &clap::Error) -> String {
    let source = std::error::Error::source(error).map(ToString::to_string);
    let words = error.get(ContextKind::ValidValue).map(|words| format!("it has to be one of: {words}"));
    source.or(words).unwrap_or_else(|| "it does not parse".to_owned())
}

/// The variable when the value came from one, else the flag.
fn origin<'a>(seen: Option<&'a Seen>, flag: &'a str, value: &str) -> &'a str {
    let given = seen.and_then(|seen| seen.given.as_ref()).filter(|(_, given)| given == value);
    given.map_or(flag, |(variable, _)| variable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EverySetting, HumanDuration};

    #[derive(Parser, Debug)]
    #[command(version)]
    struct Program {
        #[command(flatten)]
        every: EverySetting,
    }

    fn run(arguments: &[&str], pairs: &[(&str, &str)]) -> Result<EverySetting, SettingsError> {
        let arguments = std::iter::once("program").chain(arguments.iter().copied()).map(OsString::from);
        read::<Program>(arguments.collect(), &Environment::from_pairs(pairs.iter().copied())).map(|p| p.every)
    }

    #[test]
    fn a_flag_wins_over_its_variable_which_wins_over_the_default() {
        let slots =
            |arguments: &[&str], pairs: &[(&str, &str)]| run(arguments, pairs).unwrap().engine.slots.get();
        assert_eq!(slots(&[], &[]), 2);
        assert_eq!(slots(&[], &[("SHIPSTACK_BUILD_SLOTS", "3")]), 3);
        assert_eq!(slots(&["--build-slots", "4"], &[("SHIPSTACK_BUILD_SLOTS", "3")]), 4);
        assert_eq!(slots(&[], &[("SHIPSTACK_BUILD_SLOTS", "")]), 2);
    }

    #[test]
    fn a_wrong_value_is_one_line_that_names_where_it_came_from() {
        for (variable, value) in [
            ("SHIPSTACK_BUILD_SLOTS", "0"),
            ("SHIPSTACK_BUILD_MEMORY", "lots"),
            ("SHIPSTACK_BUILD_PROFILE", "huge"),
            ("SHIPSTACK_LEASE", "8"),
            ("SHIPSTACK_API_ADDR", "nowhere"),
            ("SHIPSTACK_CORS_ORIGINS", "http://a.org,*"),
            ("SHIPSTACK_INSECURE_OPEN", "perhaps"),
            ("SHIPSTACK_ALLOW_PRIVATE_GIT_HOSTS", "a b"),
            ("SHIPSTACK_PUBLIC_SERVE_URL", "http://fixed"),
            ("SHIPSTACK_PUBLIC_API_URL", "ftp://a"),
            ("SHIPSTACK_TRUSTED_PROXIES", "10.0.0.0/99"),
            ("PORT", "65536"),
            ("SHIPSTACK_LEASE", "1ms"),
            ("SHIPSTACK_BUILD_MEMORY", "1B"),
            ("SHIPSTACK_BUILD_CA_FILE", "/nowhere/ca.pem"),
            ("SHIPSTACK_BUILD_IMAGE", "a b"),
            ("DOCKER_HOST", "foo"),
        ] {
            let error = run(&[], &[(variable, value)]).unwrap_err();
            assert_eq!(error.name(), variable);
            let line = error.to_string();
            assert!(line.contains(value) && line.lines().count() == 1, "{line}");
        }
        let error = run(&["--build-slots=x"], &[("SHIPSTACK_BUILD_SLOTS", "3")]).unwrap_err();
        assert_eq!(error.name(), "--build-slots");
    }

    #[test]
    fn switches_understand_words_and_their_bare_flag() {
        let open = |arguments: &[&str], value: &str| {
            run(arguments, &[("SHIPSTACK_INSECURE_OPEN", value)]).unwrap().api.insecure_open
        };
        assert!(open(&[], "1") && open(&[], "true") && open(&[], "yes") && open(&["--insecure-open"], ""));
        assert!(!open(&[], "0") && !open(&[], "false") && !open(&[], ""));
    }

    #[test]
    fn no_secret_is_printed() {
        let pairs = [("SHIPSTACK_TOKEN", "hush"), ("AWS_SECRET", "hush"), ("REDIS_URL", "redis://:hush@h/")];
        let settings = run(&[], &pairs).unwrap();
        assert!(settings.api.token.is_some() && settings.state.redis_url.is_some());
        assert!(!format!("{settings:?}").contains("hush"));
        let error = run(&[], &[("SHIPSTACK_TOKEN", "hush hush")]).unwrap_err();
        assert!(error.name() == "SHIPSTACK_TOKEN" && !error.to_string().contains("hush"), "{error}");
    }

    #[test]
    fn sections_can_be_read_from_pairs_alone() {
        let limits: crate::TimeoutSettings = from_pairs(&[("SHIPSTACK_BUILD_TIMEOUT", "20m")]).unwrap();
        assert_eq!(limits.build, "20m".parse::<HumanDuration>().unwrap());
    }

    #[test]
    fn the_node_systems_wsl_switch_is_accepted() {
        run(&[], &[("DOCKER_DESKTOP_WSL", "whatever it was")]).unwrap();
    }
}
