//! Build options in the query, for requests whose body is an archive: `directory`, `install`, `command`, `output`,
//! `node`, `env.<NAME>`, `egress.<what>`, `prebuilt`, and `name`.

use actix_web::web::Query;
use shipstack_http::Problem;
use shipstack_source::ArchiveUse;
use shipstack_types::{BuildOptions, Code, InvalidOption, NetworkAccess, SourceName};
use std::fmt::Display;
use std::str::FromStr;
use utoipa::IntoParams;

/// The query as it is documented; [`ArchiveOptions::parse`] reads it, since the variables' names are the client's.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "documentation")]
pub(super) struct QueryParams {
    /// With an archive: the folder to build.
    directory: Option<String>,
    /// With an archive: the install command.
    install: Option<String>,
    /// With an archive: the build command.
    command: Option<String>,
    /// With an archive: the output folder, from `directory`.
    output: Option<String>,
    /// With an archive: the Node major, such as `22`.
    node: Option<String>,
    /// With an archive: when the build has a network, where that is tighter than the operator's setting.
    #[param(rename = "egress.network")]
    egress_network: Option<NetworkAccess>,
    /// With an archive: the only hosts that the build reaches, separated by commas.
    #[param(rename = "egress.hosts")]
    egress_hosts: Option<String>,
    /// With an archive: most bytes that the build receives.
    #[param(rename = "egress.maxReceivedBytes")]
    egress_max_received_bytes: Option<u64>,
    /// With an archive: most bytes that the build sends.
    #[param(rename = "egress.maxSentBytes")]
    egress_max_sent_bytes: Option<u64>,
    /// With an archive: it is the finished site, to be published without a build.
    prebuilt: Option<bool>,
    /// With an archive: what it is called, to be shown; at most 100 characters.
    name: Option<String>,
}

/// What the query asks for.
#[derive(Debug, Default)]
pub(super) struct ArchiveOptions {
    pub(super) build: BuildOptions,
    pub(super) use_as: ArchiveUse,
    pub(super) name: Option<SourceName>,
}

impl ArchiveOptions {
    /// Reads the query; a name that is not known is refused, because a misspelt option would be silently lost.
    pub(super) fn parse(query: &str) -> Result<Self, Problem> {
        let pairs = Query::<Vec<(String, String)>>::from_query(query);
        let pairs = pairs.map_err(|_| problem("the query cannot be read"))?.into_inner();
        let mut seen = std::collections::BTreeSet::new();
        let mut options = Self::default();
        for (name, value) in pairs {
            if !seen.insert(name.clone()) {
                return Err(problem(&format!("{} is given twice", shown(&name))));
            }
            options.set(&name, value)?;
        }
        options.build.check().map_err(|why| refused(&why))?;
        Ok(options)
    }

    fn set(&mut self, name: &str, value: String) -> Result<(), Problem> {
        match name {
            "directory" => self.build.directory = Some(parsed(name, &value)?),
            "output" => self.build.output = Some(parsed(name, &value)?),
            "install" => self.build.install = Some(value),
            "command" => self.build.command = Some(value),
            "node" => self.build.node = Some(value),
            "name" => self.name = Some(value.parse().map_err(|why| problem(&format!("name: {why}")))?),
            "prebuilt" => self.use_as = prebuilt(&value)?,
            "egress.network" => self.build.egress.network = Some(parsed(name, &value)?),
            "egress.hosts" => self.build.egress.hosts = Some(parsed(name, &value)?),
            "egress.maxReceivedBytes" => self.build.egress.max_received_bytes = Some(parsed(name, &value)?),
            "egress.maxSentBytes" => self.build.egress.max_sent_bytes = Some(parsed(name, &value)?),
            _ => match name.strip_prefix("env.") {
                Some(variable) => drop(self.build.env.insert(variable.to_owned(), value)),
                None => return Err(problem(&format!("{} is no option", shown(name)))),
            },
        }
        Ok(())
    }
}

fn parsed<T: FromStr<Err: Display>>(name: &str, value: &str) -> Result<T, Problem> {
    value.parse().map_err(|why| problem(&format!("{name}: {why}")))
}

fn prebuilt(value: &str) -> Result<ArchiveUse, Problem> {
    match value {
        "true" | "1" => Ok(ArchiveUse::Prebuilt),
        "false" | "0" => Ok(ArchiveUse::Build),
        _ => Err(problem("prebuilt is true or false")),
    }
}

fn shown(name: &str) -> String {
    name.escape_default().take(64).collect()
}

/// A build option that is not acceptable, in these words.
pub(super) fn problem(why: &str) -> Problem {
    Problem::new(Code::InvalidOption).detail(format!("A build option is not acceptable: {why}."))
}

/// A build option that is not acceptable, with its field.
pub(super) fn refused(why: &InvalidOption) -> Problem {
    problem(&why.to_string())
}
