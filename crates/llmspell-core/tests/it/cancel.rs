use futures::FutureExt;
use llmspell_core::Cancel;

#[test]
fn cancelling_reaches_everything_below_and_nothing_above() {
    let root = Cancel::new();
    let child = root.child();
    let (left, right) = (child.child(), root.child());
    child.cancel(Cancel::reason("enough"));
    assert!(left.is_cancelled() && child.is_cancelled());
    assert!(!root.is_cancelled() && !right.is_cancelled());
    assert_eq!(left.error().unwrap().message(), "enough");
}

#[test]
fn a_waiter_wakes_with_the_first_reason() {
    let root = Cancel::new();
    let child = root.child();
    let mut waiting = Box::pin(child.cancelled());
    assert!(waiting.as_mut().now_or_never().is_none());
    root.cancel(Cancel::reason("first"));
    root.cancel(Cancel::reason("second"));
    assert_eq!(waiting.now_or_never().unwrap().message(), "first");
}

#[test]
fn a_child_of_a_cancelled_node_is_cancelled() {
    let root = Cancel::new();
    root.cancel(Cancel::reason("over"));
    assert!(root.child().is_cancelled());
}
