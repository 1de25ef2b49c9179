//! The table itself. A test holds every row equal to `frameworks.tsv`, so that neither is changed without the other.

use Detect::{Both, Config, LastResort, Packages, ReactRouter};

/// How a framework is recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detect {
    /// One of these packages is a dependency.
    Packages(&'static [&'static str]),
    /// This package is a dependency, and one of those.
    Both(&'static str, &'static [&'static str]),
    /// This package is a dependency and no other preset matches.
    LastResort(&'static str),
    /// `react-router.config.*`, or a Vite configuration that names `@react-router/dev/vite`.
    ReactRouter,
    /// One of these files is there, or a file `<or_stem>.*` whose text has `naming`.
    Config {
        /// Files that are enough by themselves.
        names: &'static [&'static str],
        /// What stands before the last dot of a file that is too general a name to be enough.
        or_stem: Option<&'static str>,
        /// What such a file must say.
        naming: &'static str,
    },
}

/// A framework with its build command and output folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preset {
    /// Its name on the wire.
    pub name: &'static str,
    /// Its line of `frameworks.tsv`.
    pub row: &'static str,
    /// How it is recognised.
    pub detect: Detect,
    /// The program and its arguments, where a project has no `build` script.
    pub command: &'static str,
    /// Where it writes, from the project's folder; the first that exists counts.
    pub outputs: &'static [&'static str],
    /// Whether it is no package but a program that the builder image must carry.
    pub needs_program: bool,
}

/// All presets, in the order in which they are tried.
pub const PRESETS: &[Preset] = &[
    Preset {
        name: "docusaurus",
        row: "docusaurus\tpkg:@docusaurus/core\tdocusaurus build\tbuild\t",
        detect: Packages(&["@docusaurus/core"]),
        command: "docusaurus build",
        outputs: &["build"],
        needs_program: false,
    },
    Preset {
        name: "vitepress",
        row: "vitepress\tpkg:vitepress\tvitepress build (docs when docs/.vitepress exists)\tdocs/.vitepress/dist or .vitepress/dist\t",
        detect: Packages(&["vitepress"]),
        command: "vitepress build",
        outputs: &["docs/.vitepress/dist", ".vitepress/dist"],
        needs_program: false,
    },
    Preset {
        name: "vuepress",
        row: "vuepress\tpkg:vuepress\tvuepress build src\tsrc/.vuepress/dist\t",
        detect: Packages(&["vuepress"]),
        command: "vuepress build src",
        outputs: &["src/.vuepress/dist"],
        needs_program: false,
    },
    Preset {
        name: "storybook",
        row: "storybook\tpkg:storybook and no other preset\tstorybook build\tstorybook-static\t",
        detect: LastResort("storybook"),
        command: "storybook build",
        outputs: &["storybook-static"],
        needs_program: false,
    },
    Preset {
        name: "next",
        row: "next\tpkg:next\tnext build\tout\tneeds output: 'export'; otherwise a server app",
        detect: Packages(&["next"]),
        command: "next build",
        outputs: &["out"],
        needs_program: false,
    },
    Preset {
        name: "gatsby",
        row: "gatsby\tpkg:gatsby\tgatsby build\tpublic\t",
        detect: Packages(&["gatsby"]),
        command: "gatsby build",
        outputs: &["public"],
        needs_program: false,
    },
    Preset {
        name: "react-router",
        row: "react-router\treact-router.config.* or a vite config naming @react-router/dev/vite\treact-router build\tbuild/client\tstatic only with ssr: false",
        detect: ReactRouter,
        command: "react-router build",
        outputs: &["build/client"],
        needs_program: false,
    },
    Preset {
        name: "remix",
        row: "remix\tpkg:@remix-run/dev\tremix vite:build\tbuild/client\tstatic only in SPA mode",
        detect: Packages(&["@remix-run/dev"]),
        command: "remix vite:build",
        outputs: &["build/client"],
        needs_program: false,
    },
    Preset {
        name: "astro",
        row: "astro\tpkg:astro\tastro build\tdist\tserver adapters make it a server app",
        detect: Packages(&["astro"]),
        command: "astro build",
        outputs: &["dist"],
        needs_program: false,
    },
    Preset {
        name: "sveltekit",
        row: "sveltekit\tpkg:@sveltejs/kit\tvite build\tbuild\tneeds adapter-static; otherwise a server app",
        detect: Packages(&["@sveltejs/kit"]),
        command: "vite build",
        outputs: &["build"],
        needs_program: false,
    },
    Preset {
        name: "nuxt",
        row: "nuxt\tpkg:nuxt\tnuxt generate\t.output/public\t",
        detect: Packages(&["nuxt"]),
        command: "nuxt generate",
        outputs: &[".output/public"],
        needs_program: false,
    },
    Preset {
        name: "solid-start",
        row: "solid-start\tpkg:@solidjs/start\tvinxi build\t.output/public\tstatic preset only",
        detect: Packages(&["@solidjs/start"]),
        command: "vinxi build",
        outputs: &[".output/public"],
        needs_program: false,
    },
    Preset {
        name: "tanstack-start",
        row: "tanstack-start\tpkg:@tanstack/react-start\tvite build\tdist/client\tprerender only",
        detect: Packages(&["@tanstack/react-start"]),
        command: "vite build",
        outputs: &["dist/client"],
        needs_program: false,
    },
    Preset {
        name: "angular",
        row: "angular\tpkg:@angular/core\tng build\tdist/<only child>/browser, else dist/<only child>, else dist\t",
        detect: Packages(&["@angular/core"]),
        command: "ng build",
        outputs: &["dist"],
        needs_program: false,
    },
    Preset {
        name: "ionic-angular",
        row: "ionic-angular\tpkg:@ionic/angular\tng build\twww\t",
        detect: Packages(&["@ionic/angular"]),
        command: "ng build",
        outputs: &["www"],
        needs_program: false,
    },
    Preset {
        name: "ember",
        row: "ember\tpkg:ember-source\tember build --environment=production\tdist\t",
        detect: Packages(&["ember-source"]),
        command: "ember build --environment=production",
        outputs: &["dist"],
        needs_program: false,
    },
    Preset {
        name: "eleventy",
        row: "eleventy\tpkg:@11ty/eleventy\televenty\t_site\t",
        detect: Packages(&["@11ty/eleventy"]),
        command: "eleventy",
        outputs: &["_site"],
        needs_program: false,
    },
    Preset {
        name: "hexo",
        row: "hexo\tpkg:hexo\thexo generate\tpublic\t",
        detect: Packages(&["hexo"]),
        command: "hexo generate",
        outputs: &["public"],
        needs_program: false,
    },
    Preset {
        name: "create-react-app",
        row: "create-react-app\tpkg:react-scripts\treact-scripts build\tbuild\t",
        detect: Packages(&["react-scripts"]),
        command: "react-scripts build",
        outputs: &["build"],
        needs_program: false,
    },
    Preset {
        name: "vue-cli",
        row: "vue-cli\tpkg:@vue/cli-service\tvue-cli-service build\tdist\t",
        detect: Packages(&["@vue/cli-service"]),
        command: "vue-cli-service build",
        outputs: &["dist"],
        needs_program: false,
    },
    Preset {
        name: "preact-cli",
        row: "preact-cli\tpkg:preact-cli\tpreact build\tbuild\t",
        detect: Packages(&["preact-cli"]),
        command: "preact build",
        outputs: &["build"],
        needs_program: false,
    },
    Preset {
        name: "stencil",
        row: "stencil\tpkg:@stencil/core\tstencil build --docs=false\twww\t",
        detect: Packages(&["@stencil/core"]),
        command: "stencil build --docs=false",
        outputs: &["www"],
        needs_program: false,
    },
    Preset {
        name: "qwik",
        row: "qwik\tpkg:@builder.io/qwik\tqwik build\tdist\tstatic adapter",
        detect: Packages(&["@builder.io/qwik"]),
        command: "qwik build",
        outputs: &["dist"],
        needs_program: false,
    },
    Preset {
        name: "quasar",
        row: "quasar\tpkg:quasar and pkg:@quasar/app-vite or @quasar/app-webpack\tquasar build\tdist/spa\t",
        detect: Both("quasar", &["@quasar/app-vite", "@quasar/app-webpack"]),
        command: "quasar build",
        outputs: &["dist/spa"],
        needs_program: false,
    },
    Preset {
        name: "expo-web",
        row: "expo-web\tpkg:expo\texpo export -p web\tdist\t",
        detect: Packages(&["expo"]),
        command: "expo export -p web",
        outputs: &["dist"],
        needs_program: false,
    },
    Preset {
        name: "rspress",
        row: "rspress\tpkg:rspress or @rspress/core\trspress build\tdoc_build\t",
        detect: Packages(&["rspress", "@rspress/core"]),
        command: "rspress build",
        outputs: &["doc_build"],
        needs_program: false,
    },
    Preset {
        name: "rsbuild",
        row: "rsbuild\tpkg:@rsbuild/core\trsbuild build\tdist\t",
        detect: Packages(&["@rsbuild/core"]),
        command: "rsbuild build",
        outputs: &["dist"],
        needs_program: false,
    },
    Preset {
        name: "umi",
        row: "umi\tpkg:umi\tumi build\tdist\t",
        detect: Packages(&["umi"]),
        command: "umi build",
        outputs: &["dist"],
        needs_program: false,
    },
    Preset {
        name: "gridsome",
        row: "gridsome\tpkg:gridsome\tgridsome build\tdist\t",
        detect: Packages(&["gridsome"]),
        command: "gridsome build",
        outputs: &["dist"],
        needs_program: false,
    },
    Preset {
        name: "parcel",
        row: "parcel\tpkg:parcel\tparcel build\tdist\tentry from package.json source",
        detect: Packages(&["parcel"]),
        command: "parcel build",
        outputs: &["dist"],
        needs_program: false,
    },
    Preset {
        name: "vite",
        row: "vite\tpkg:vite\tvite build\tdist\tafter every preset that uses vite itself",
        detect: Packages(&["vite"]),
        command: "vite build",
        outputs: &["dist"],
        needs_program: false,
    },
    Preset {
        name: "webpack",
        row: "webpack\tpkg:webpack and pkg:webpack-cli\twebpack --mode production\tdist\tlast of the bundlers",
        detect: Both("webpack", &["webpack-cli"]),
        command: "webpack --mode production",
        outputs: &["dist"],
        needs_program: false,
    },
    Preset {
        name: "hugo",
        row: "hugo\thugo.{toml,yaml,json} or config.* with baseURL\thugo --gc --minify\tpublic\tneeds hugo in the builder image",
        detect: Config {
            names: &["hugo.toml", "hugo.yaml", "hugo.json"],
            or_stem: Some("config"),
            naming: "baseURL",
        },
        command: "hugo --gc --minify",
        outputs: &["public"],
        needs_program: true,
    },
    Preset {
        name: "jekyll",
        row: "jekyll\t_config.yml\tjekyll build\t_site\tneeds ruby in the builder image",
        detect: Config { names: &["_config.yml"], or_stem: None, naming: "" },
        command: "jekyll build",
        outputs: &["_site"],
        needs_program: true,
    },
    Preset {
        name: "zola",
        row: "zola\tconfig.toml with base_url\tzola build\tpublic\tneeds zola in the builder image",
        detect: Config { names: &[], or_stem: Some("config"), naming: "base_url" },
        command: "zola build",
        outputs: &["public"],
        needs_program: true,
    },
    Preset {
        name: "mkdocs",
        row: "mkdocs\tmkdocs.yml\tmkdocs build\tsite\tneeds python in the builder image",
        detect: Config { names: &["mkdocs.yml"], or_stem: None, naming: "" },
        command: "mkdocs build",
        outputs: &["site"],
        needs_program: true,
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_in_rust_is_the_table_as_data() {
        let data: Vec<&str> =
            include_str!("../../frameworks.tsv").lines().skip(1).map(str::trim_end).collect();
        let ours: Vec<&str> = PRESETS.iter().map(|preset| preset.row.trim_end()).collect();
        assert_eq!(ours, data);
    }

    #[test]
    fn every_preset_says_what_its_row_says() {
        for preset in PRESETS {
            let columns: Vec<&str> = preset.row.split('\t').collect();
            assert_eq!(columns[0], preset.name);
            assert!(columns[2].starts_with(preset.command), "{}: {}", preset.name, preset.command);
            for output in preset.outputs {
                assert!(columns[3].contains(output), "{}: {output}", preset.name);
            }
            let packages: &[&str] = match preset.detect {
                Packages(packages) | Both(_, packages) => packages,
                LastResort(_) | ReactRouter | Config { .. } => &[],
            };
            assert!(packages.iter().all(|package| columns[1].contains(package)), "{}", preset.name);
        }
    }
}
