use insta::assert_snapshot;

use crate::place::Place;

#[test]
fn commands_are_listed() {
    let place = Place::new();
    assert_snapshot!(place.show(&["--help"]), @r"
    Runs spells: scripts that orchestrate language models, agents and tools

    Usage: llmspell [OPTIONS] <COMMAND>

    Commands:
      run          Run a spell
      exec         Run a piece of code
      repl         Type a spell line by line
      info         Show version, engines, paths and what this machine supports
      providers    List model providers
      validate     Check the configuration or a spell
      init         Write a commented configuration file
      config       Show and change the configuration
      tool         List, describe and run tools
      session      Show recorded sessions, and go on with them
      artifact     List, read and delete what sessions keep
      state        Read, change and migrate what spells keep
      backup       Make, check and put back backups of state
      workflow     Run, draw and check workflows that are written as files
      completions  Print a shell's completion script
      api          Print editor stubs for the script API

    Options:
      -h, --help
              Print help (see a summary with '-h')

      -V, --version
              Print version

    Global options:
      -c, --config <PATH>
              Configuration file, instead of the user's and the project's

          --profile <NAME>
              Profile of the configuration: [profiles.NAME]

          --no-config
              Read no configuration file

          --set <KEY=VALUE>
              Set one configuration key; the value is TOML, else text

          --engine <lua|javascript>
              Language of the spell; guessed from the file's extension
              
              [possible values: lua, javascript, js]

          --output <OUTPUT>
              How results are written

              Possible values:
              - text:   For people and pipes
              - json:   One JSON document
              - pretty: For people, with colours and indentation

      -v, --verbose...
              Log more: info, debug (-vv), trace (-vvv)

      -q, --quiet
              Log errors only

          --log-format <text|json>
              How log records are written

          --color <auto|always|never>
              When output is coloured

    `llmspell FILE` is `llmspell run FILE`.

    Examples:
      llmspell exec '1 + 1'
      llmspell init --template agent --dir first && llmspell first/hello.lua
      llmspell tool run calculator input='sqrt(2)'
    [exit 0]
    ");
    assert_eq!(place.run(&[]).code, 2);
}

#[test]
fn examples_stand_below_the_help_of_what_is_used_most() {
    let place = Place::new();
    for command in [
        &["run"][..],
        &["exec"],
        &["tool", "run"],
        &["config", "set"],
    ] {
        let help = place.run(&[command, &["--help"]].concat()).stdout;
        let (_, examples) = help.split_once("\nExamples:\n").unwrap_or_default();
        let begin = format!("  llmspell {} ", command.join(" "));
        assert!(
            examples.lines().any(|line| line.starts_with(&begin)),
            "{help}"
        );
    }
}

#[test]
fn the_version() {
    let place = Place::new();
    assert_snapshot!(place.show(&["--version"]), @r"
    llmspell 0.1.0
    [exit 0]
    ");
    assert_eq!(
        place.run(&["--version", "--output", "json"]).json()["engines"][0],
        "lua"
    );
}

#[test]
fn flags_may_be_typed_as_commands() {
    let place = Place::new();
    for (words, flags) in [
        (&["help"][..], &["--help"][..]),
        (&["help", "run"], &["run", "--help"]),
        (&["help", "state", "set"], &["state", "set", "--help"]),
        (&["version"], &["--version"]),
    ] {
        assert_eq!(place.show(words), place.show(flags));
    }
    assert!(
        place
            .run(&["help", "rnu"])
            .stderr
            .contains("'rnu' is neither")
    );
}

#[test]
fn wrong_usage() {
    let place = Place::new();
    assert_snapshot!(place.show(&["rnu"]), @r"
    ---- stderr
    error: 'rnu' is neither a command nor a file; commands are: run, exec, repl, info, providers, validate, init, config, tool, session, artifact, state, backup, workflow, completions, api

    Usage: llmspell [OPTIONS] <COMMAND>

    For more information, try '--help'.
    [exit 2]
    ");
    assert_snapshot!(place.show(&["exec"]), @r"
    ---- stderr
    error: the following required arguments were not provided:
      <CODE>

    Usage: llmspell exec <CODE> [ARGS]...

    For more information, try '--help'.
    [exit 2]
    ");
    assert_snapshot!(place.show(&["run", "--timeout"]), @r"
    ---- stderr
    error: a value is required for '--timeout <SECS>' but none was supplied

    For more information, try '--help'.
    [exit 2]
    ");
    assert_snapshot!(place.show(&["session", "list", "--limit", "few"]), @r"
    ---- stderr
    error: --limit <N> must be a whole number, not 'few'

    Usage: llmspell [OPTIONS] <COMMAND>

    For more information, try '--help'.
    [exit 2]
    ");
}

#[test]
fn completions_for_every_shell() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let ended = place.run(&["completions", shell]);
        assert!(
            ended.code == 0 && ended.stdout.contains("llmspell"),
            "{shell}"
        );
    }
}

#[test]
fn stubs_for_editors() {
    let place = Place::new();
    let ended = place.run(&["api", "lua"]);
    assert!(
        ended.code == 0 && ended.stdout.contains("---@meta"),
        "{}",
        ended.stdout.get(..200).unwrap_or_default()
    );
    assert_snapshot!(place.show(&["api", "lua", "--dir", "stubs"]), @r"
    stubs/llmspell.lua
    [exit 0]
    ");
    assert!(place.exists("stubs/llmspell.lua"));
    let json = place.run(&["api", "lua", "--format", "json"]).json();
    assert!(
        json["globals"]
            .as_array()
            .unwrap()
            .iter()
            .any(|global| global["name"] == "Agent")
    );
    assert!(
        place
            .run(&["api", "lua", "--format", "markdown"])
            .stdout
            .contains("## Agent")
    );
    let tools = place.run(&["api", "tools", "--format", "json"]).json();
    assert_eq!(tools.as_array().unwrap().len(), 34);
    assert_eq!(tools, json["tools"]);
    let manual = place.run(&["api", "tools"]);
    assert!(manual.stdout.starts_with("# The built-in tools"));
    let stubs = place.run(&["api", "tools", "--format", "stubs"]);
    assert!(stubs.code != 0 && stubs.stderr.contains("no stubs of their own"));
    let ended = place.run(&["api", "javascript"]);
    assert!(
        ended.code == 0 && ended.stdout.contains("declare const Agent: AgentModule;"),
        "{}",
        ended.stdout.get(..200).unwrap_or_default()
    );
    assert_snapshot!(place.show(&["api", "js", "--dir", "stubs"]), @r"
    stubs/llmspell.d.ts
    [exit 0]
    ");
}

#[test]
fn info_about_this_build() {
    let place = Place::new();
    let json = place.run(&["info", "--all", "--output", "json"]).json();
    assert_eq!(json["data_dir"], "[DIR]/home/.local/share/llmspell");
    assert!(json["tools"].as_array().unwrap().len() >= 10);
    assert!(
        json["sandbox"]["limits"].is_boolean(),
        "{}",
        json["sandbox"]
    );
    assert_eq!(place.run(&["info"]).code, 0);
}

#[test]
fn providers_without_configuration() {
    let place = Place::new();
    assert_snapshot!(place.show(&["providers"]), @r"
    NAME    TYPE    KEY         DEFAULT MODEL
    mock    mock    not needed  mock
    ollama  ollama  not needed  llama3.2
    ---- stderr
    others need a key, in variables such as OPENAI_API_KEY: openai, anthropic, gemini, mistral, groq, cohere, deepseek, openrouter, together, fireworks, perplexity, xai
    [exit 0]
    ");
    let mut command = place.command(&["providers"]);
    command.env("OPENAI_API_KEY", "sk-something-secret");
    let ended = place.ended(command.output().unwrap());
    assert!(
        ended.stdout.contains("openai") && !ended.stdout.contains("sk-"),
        "{}",
        ended.stdout
    );
}
