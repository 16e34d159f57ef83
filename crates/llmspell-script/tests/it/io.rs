//! Files of Lua's own library.

use crate::world::{World, value};

#[track_caller]
fn shown(value: &llmspell_core::Value, expected: &str) {
    assert_eq!(value.to_string(), expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_written_is_read() {
    let got = value(
        "local f = assert(io.open('a.txt', 'w'))
         local same = f:write('one\\n', 2, '\\n', 'three') == f
         assert(f:close())
         local g = io.open('a.txt')
         local first, number, rest, ended = g:read('l', 'n', 'a'), nil, nil, nil
         g:seek('set', 4)
         local two = g:read('n')
         local all = {}
         for line in io.lines('a.txt') do all[#all + 1] = line end
         local kept = {}
         for line in io.lines('a.txt', 'L') do kept[#kept + 1] = line end
         return {same, first, two, g:read(1), g:read(3), g:read('a'), g:read('a'), g:read('l') == nil, g:read(0) == nil,
             all, kept, io.type(g), io.type(f), g:seek('end'), tostring(f)}",
    )
    .await;
    shown(
        &got,
        r#"[true,"one",2,"\n","thr","ee","",true,true,["one","2","three"],["one\n","2\n","three"],"file","closed file",11,"file (closed)"]"#,
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn modes() {
    let got = value(
        "local function all(name) local f = io.open(name) local text = f:read('a') f:close() return text end
         local f = io.open('b', 'w') f:write('0123456789') f:close()
         f = io.open('b', 'r+') f:seek('set', 3) f:write('xyz') f:seek('cur', 1) local c = f:read(2) f:close()
         local changed = all('b')
         f = io.open('b', 'a') f:write('!') f:close()
         local appended = all('b')
         f = io.open('b', 'w+') f:write('new') f:seek('set') local back = f:read('a') f:close()
         local bytes = '\\0\\255\\r\\n'
         f = io.open('c', 'wb') f:write(bytes) f:close()
         local g <close> = io.open('c', 'rb')
         return {c, changed, appended, back, all('b'), g:read('a') == bytes, (io.open('b', 'r')):write('x') == nil}",
    )
    .await;
    shown(
        &got,
        r#"["78","012xyz6789","012xyz6789!","new","new",true,true]"#,
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failures_are_values() {
    let got = value(
        "local function list(...) return {...} end
         return {list(select(2, io.open('none'))), list(select(2, io.open('denied/x'))), list(select(2, os.remove('none'))),
             pcall(io.lines, 'none'), pcall(io.open, 'x', 'q'), select('#', io.open('none'))}",
    )
    .await;
    shown(
        &got,
        r#"[["none: No such file or directory",2],["denied/x: 'denied/x' is not permitted (ask for it)",13],["none: No such file or directory",2],false,false,3]"#,
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_closed_is_written_at_the_end() {
    let world = World::new();
    world
        .value("io.open('left', 'w'):write('over') return 1")
        .await;
    let raised = world
        .run("io.open('raised', 'w'):write('over') error('x')")
        .await;
    assert!(raised.is_err());
    let exited = world
        .run("io.open('exited', 'w'):write('over') os.exit(3)")
        .await;
    assert!(exited.is_err());
    for name in ["left", "raised", "exited"] {
        let read = format!("return io.open('{name}'):read('a')");
        assert_eq!(world.value(&read).await.as_str(), Some("over"), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_standard_streams_change_to_files() {
    let world = World::new();
    let got = world
        .value(
            "io.output('out') io.write('to a file') io.close() io.output(io.stdout) io.write('shown')
             io.input('out') local line = io.read() io.input(io.stdin)
             local name = os.tmpname() local t = io.tmpfile() t:write('x') t:seek('set')
             local moved = os.rename('out', 'renamed') local gone = io.open('out')
             return {line, #name > 0, t:read('a'), moved, gone == nil, os.remove('renamed')}",
        )
        .await;
    shown(&got, r#"["to a file",true,"x",true,true,true]"#);
    assert_eq!(world.printed(), "shown");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn large_files_go_in_pieces() {
    let got = value(
        "local f = io.open('large', 'w')
         for n = 1, 30000 do f:write(n, '\\n') end
         f:close()
         local count, sum = 0, 0
         for n in io.lines('large', 'n') do count, sum = count + 1, sum + n end
         return {count, sum, io.open('large'):seek('end')}",
    )
    .await;
    shown(&got, "[30000,450015000,168894]");
}
