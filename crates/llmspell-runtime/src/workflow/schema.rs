//! What a workflow file may hold, as a JSON Schema.
//!
//! These types describe the canonical names; `read.rs` is what reads, and knows synonyms besides. A test keeps both in
//! step.

#![expect(dead_code, reason = "the types describe, they hold nothing")]

use std::collections::BTreeMap;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

/// Returns the JSON Schema of workflow files, TOML and JSON alike.
pub fn schema() -> Value {
    let settings = SchemaSettings::draft2020_12();
    let schema = settings
        .into_generator()
        .into_root_schema_for::<WorkflowFile>();
    let mut schema = schema.to_value();
    if let Some(members) = schema.as_object_mut() {
        members.insert("title".to_owned(), "llmspell workflow".into());
    }
    schema
}

/// A workflow: steps that are checked before they run, each of them a tool, an agent or another workflow. `type` says
/// which kind it is.
#[derive(JsonSchema)]
#[schemars(tag = "type", rename_all = "snake_case")]
enum WorkflowFile {
    Sequential(SequentialMembers),
    Parallel(ParallelMembers),
    Conditional(ConditionalMembers),
    Loop(LoopMembers),
}

/// Members of all kinds.
#[derive(JsonSchema)]
struct CommonMembers {
    /// The name; that of the kind with a number if absent.
    name: Option<String>,
    /// What it is for.
    description: Option<String>,
    /// Agents by name, for steps to name; each as `Agent.create` takes it.
    agents: Option<BTreeMap<String, Map<String, Value>>>,
    /// What a failed step means for the rest; `fail_fast` if absent.
    error_strategy: Option<StrategyMember>,
    /// Longest time of an execution in milliseconds; 300000 if absent.
    #[schemars(range(min = 1))]
    timeout_ms: Option<u64>,
}

/// Runs its steps one after the other.
#[derive(JsonSchema)]
struct SequentialMembers {
    #[schemars(flatten)]
    common: CommonMembers,
    /// The steps.
    steps: Vec<StepMember>,
    /// What a failed step means, in place of `error_strategy`.
    error_handler: Option<StrategyMember>,
}

/// Runs its branches at the same time.
#[derive(JsonSchema)]
struct ParallelMembers {
    #[schemars(flatten)]
    common: CommonMembers,
    /// The branches.
    branches: Vec<BranchMember>,
    /// Most branches at once; 4 if absent.
    #[schemars(range(min = 1))]
    max_concurrency: Option<u64>,
    /// Whether the first required branch that fails stops the others; true if absent.
    fail_fast: Option<bool>,
    /// What follows from the ends of the branches; `all` if absent.
    join_strategy: Option<JoinMember>,
    /// Steps after the join; `{{branch:BRANCH:STEP:output}}` in them is what a branch gave.
    post_steps: Option<Vec<StepMember>>,
}

/// Runs the branches whose condition is true.
#[derive(JsonSchema)]
struct ConditionalMembers {
    #[schemars(flatten)]
    common: CommonMembers,
    /// The branches, in the order in which their conditions are asked.
    branches: Option<Vec<BranchMember>>,
    /// The condition of `then_branch`.
    condition: Option<Box<ConditionMember>>,
    /// What runs if `condition` is true.
    then_branch: Option<Box<BranchMember>>,
    /// What runs if `condition` is false.
    else_branch: Option<Box<BranchMember>>,
    /// What runs if no condition is true.
    default_branch: Option<Box<BranchMember>>,
    /// Steps before the conditions, which can use what they gave.
    pre_steps: Option<Vec<StepMember>>,
    /// Whether all branches run whose condition is true, not the first only; false if absent.
    execute_all_matching: Option<bool>,
    /// Whether `default_branch` runs if no condition is true; true if absent.
    execute_default_on_no_match: Option<bool>,
}

/// Runs its body again and again.
#[derive(JsonSchema)]
struct LoopMembers {
    #[schemars(flatten)]
    common: CommonMembers,
    /// What it goes over.
    iterator: IteratorMember,
    /// The steps of an iteration.
    body: Vec<StepMember>,
    /// Most iterations; 100 if absent for `while_condition`, else 1000000.
    max_iterations: Option<u64>,
    /// Conditions that end the loop, asked after each iteration.
    break_conditions: Option<Vec<ConditionMember>>,
    /// Items of one iteration; 1 if absent.
    #[schemars(range(min = 1))]
    batch_size: Option<u64>,
    /// What becomes of the results; `collect_all` if absent.
    aggregation_strategy: Option<AggregationMember>,
    /// Pause between two iterations in milliseconds.
    delay_ms: Option<u64>,
}

/// A step, or a workflow in its place.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum StepMember {
    Plain(Box<PlainMembers>),
    Nested(Box<NestedMembers>),
}

/// A workflow in the place of a step.
#[derive(JsonSchema)]
struct NestedMembers {
    #[schemars(flatten)]
    workflow: WorkflowFile,
    /// Its input, in place of that of the workflow around it; texts may hold tokens.
    input: Option<Value>,
    /// It does not run if this is true.
    skip_condition: Option<Box<ConditionMember>>,
    /// How it is repeated after failures.
    retry: Option<RetryMember>,
    /// The step that undoes it should the workflow around it fail later.
    compensate: Option<Box<StepMember>>,
}

/// A step: one of `tool`, `agent` and `workflow`, and what it is given.
#[derive(JsonSchema)]
struct PlainMembers {
    /// The name by which later steps refer to it; `step_N` if absent.
    name: Option<String>,
    /// What it does, if the members do not tell.
    r#type: Option<PlainKind>,
    /// The name of a tool.
    tool: Option<String>,
    /// The name of an agent, or one as `Agent.create` takes it.
    agent: Option<AgentMember>,
    /// A workflow in place.
    workflow: Option<Box<WorkflowFile>>,
    /// The parameters of the tool, the text or question for the agent, the input of the workflow. Texts may hold
    /// tokens: `{{input:NAME}}`, `{{step:NAME:output}}`, `{{loop:current_item}}`, `{{file:PATH}}`.
    input: Option<Value>,
    /// The text for the agent.
    prompt: Option<String>,
    /// It runs only if this is true.
    condition: Option<Box<ConditionMember>>,
    /// It does not run if this is true.
    skip_condition: Option<Box<ConditionMember>>,
    /// How it is repeated after failures.
    retry: Option<RetryMember>,
    /// Longest time in milliseconds; 30000 if absent, 300000 for agents and workflows.
    #[schemars(range(min = 1))]
    timeout_ms: Option<u64>,
    /// The step that undoes it should the workflow fail later.
    compensate: Option<Box<StepMember>>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
enum PlainKind {
    Tool,
    Agent,
    Workflow,
}

#[derive(JsonSchema)]
#[schemars(untagged)]
enum AgentMember {
    Name(String),
    Definition(Map<String, Value>),
}

/// A branch: steps, or one step.
#[derive(JsonSchema)]
struct BranchMember {
    /// The name; `branch_N` if absent.
    name: Option<String>,
    /// What it is for.
    description: Option<String>,
    /// The steps.
    steps: Option<Vec<StepMember>>,
    /// A workflow in place of steps.
    workflow: Option<Box<WorkflowFile>>,
    /// In a conditional workflow: it runs only if this is true.
    condition: Option<Box<ConditionMember>>,
    /// In a parallel workflow: whether its failure is that of the workflow; true if absent.
    required: Option<bool>,
    /// Longest time in milliseconds.
    #[schemars(range(min = 1))]
    timeout_ms: Option<u64>,
}

/// Something that is true or false. A text is an expression such as `input.n > 10`, or `always`, `never`.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum ConditionMember {
    Constant(bool),
    Expression(String),
    Test(Box<TestMembers>),
}

/// A test; `type` says which, and which members it has.
#[derive(JsonSchema)]
struct TestMembers {
    r#type: Option<TestKind>,
    /// What it is called in results.
    description: Option<String>,
    /// `tool`: the tool that must succeed and give something true.
    tool: Option<String>,
    /// `agent_decision`: the agent that is asked.
    agent: Option<String>,
    /// What the tool or the agent gets.
    input: Option<Value>,
    /// `step_output_…`: the step.
    step: Option<String>,
    /// `…_equals`: the value; `agent_decision`: what the answer must contain, `yes` if absent.
    expected: Option<Value>,
    /// `step_output_contains`: the text.
    substring: Option<String>,
    /// `shared_data_…`: the name.
    key: Option<String>,
    /// `shared_data_…_than`: the value.
    value: Option<Value>,
    /// `and`, `or`: the conditions.
    conditions: Option<Vec<ConditionMember>>,
    /// `not`: the condition.
    condition: Option<Box<ConditionMember>>,
    /// `expression`: the expression.
    expression: Option<String>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
enum TestKind {
    Always,
    Never,
    Tool,
    StepOutputEquals,
    StepOutputContains,
    SharedDataEquals,
    SharedDataExists,
    SharedDataGreaterThan,
    SharedDataLessThan,
    And,
    Or,
    Not,
    AgentDecision,
    Expression,
}

/// What a loop goes over: one of `range`, `collection` and `while_condition`.
#[derive(JsonSchema)]
struct IteratorMember {
    range: Option<RangeMember>,
    /// A list, or a token that gives one.
    collection: Option<CollectionMember>,
    /// It goes on as long as this is true.
    while_condition: Option<Box<ConditionMember>>,
    /// Most iterations of `while_condition`.
    max_iterations: Option<u64>,
}

#[derive(JsonSchema)]
#[schemars(untagged)]
enum CollectionMember {
    Token(String),
    Items(Vec<Value>),
    Members(Map<String, Value>),
}

/// Whole numbers, both ends included.
#[derive(JsonSchema)]
struct RangeMember {
    /// 0 if absent.
    start: Option<i64>,
    end: i64,
    /// 1 if absent; not 0.
    step: Option<i64>,
}

/// What a failed step means for the rest.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum StrategyMember {
    Name(StrategyName),
    Retry(RetryStrategy),
}

#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
enum StrategyName {
    FailFast,
    Continue,
    Retry,
}

#[derive(JsonSchema)]
struct RetryStrategy {
    /// `retry`.
    r#type: StrategyName,
    #[schemars(flatten)]
    retry: RetryMember,
}

/// How something is repeated.
#[derive(JsonSchema)]
struct RetryMember {
    /// Attempts altogether; 3 if absent.
    #[schemars(range(min = 1))]
    max_attempts: Option<u32>,
    /// First pause in milliseconds; 1000 if absent.
    backoff_ms: Option<u64>,
    /// By which each pause is longer than the one before; 2 if absent.
    backoff_multiplier: Option<f64>,
    /// Longest pause in milliseconds; 60000 if absent.
    max_backoff_ms: Option<u64>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
enum JoinMember {
    All,
    Any,
    Merge,
    None,
}

/// What becomes of the results of iterations.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum AggregationMember {
    Name(AggregationName),
    Some(SomeResults),
}

#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
enum AggregationName {
    CollectAll,
    CollectOutputs,
    LastOnly,
    Summary,
    None,
}

#[derive(JsonSchema)]
struct SomeResults {
    /// `first_n` or `last_n`.
    r#type: SomeName,
    /// How many.
    n: u64,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "snake_case")]
enum SomeName {
    FirstN,
    LastN,
}

#[cfg(test)]
mod tests;
