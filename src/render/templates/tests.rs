use super::*;
use crate::render::texts::AllTexts;
use serde_json::json;
use std::fs;
use std::path::PathBuf;

/// A folder of templates that is removed at the end of the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str, files: &[(&str, &str)]) -> Folder {
        let path = std::env::temp_dir().join(format!("kpid-templates-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        for (name, text) in files {
            fs::create_dir_all(path.join(name).parent().unwrap()).unwrap();
            fs::write(path.join(name), text).unwrap();
        }
        Folder(path)
    }

    fn load(&self) -> Result<Templates, TemplateError> {
        let texts = AllTexts::load(None).unwrap().for_language(&[]);
        Templates::load(Some(&self.0), texts.words().into_keys())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What can't be removed lies among temporary files and harms nobody.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn context() -> Context {
    let row =
        json!({ "name": "<b>\"Cost\"</b> & 'co'", "mark": { "word": "met" }, "chart": null, "why": [], "streak": "" });
    let blocks: Vec<_> = (0..40).map(|_| json!({ "title": "T", "rows": [row, row] })).collect();
    let words: BTreeMap<String, &str> = (0..150).map(|n| (format!("w{n}"), "word")).collect();
    let notes = json!([{ "title": "stale", "lines": ["a", "b"] }]);
    let view =
        json!({ "title": "<script>", "words": words, "blocks": blocks, "notes": notes, "link": "", "banner": "x" });
    Context::from_serialize(&view).unwrap()
}

/// What `mine.html` says.
fn said(name: &str, text: &str) -> Result<String, String> {
    let folder = Folder::new(name, &[("mine.html", text)]);
    let templates = folder.load().map_err(|error| error.to_string())?;
    templates.render("mine.html", &context()).map_err(|error| error.to_string())
}

#[track_caller]
fn refused(name: &str, text: &str, expected: &str) {
    let error = said(name, text).unwrap_err();
    assert_eq!(error, expected, "{error}");
}

#[test]
fn html_is_always_escaped_also_where_it_is_overridden_and_included() {
    let files = [
        (
            "mine.html",
            "{% include \"mine/name.txt\" %}{% include \"partials/head.html\" %}{% set x %}{{ title }}{% endset %}{{ x }}",
        ),
        ("mine/name.txt", "{% for row in blocks[0].rows %}<i title='{{ row.name }}'>{% break %}{% endfor %}"),
        ("partials/head.html", "<h1>{{ title }}</h1>"),
        ("report.txt", "{{ title }}"),
    ];
    let templates = Folder::new("escaped", &files).load().unwrap();
    assert_eq!(
        templates.render("mine.html", &context()).unwrap(),
        "<i title='&lt;b&gt;&quot;Cost&quot;&lt;/b&gt; &amp; &#39;co&#39;'><h1>&lt;script&gt;</h1>&lt;script&gt;"
    );
    assert_eq!(templates.render("report.txt", &context()).unwrap(), "<script>");
}

#[test]
fn no_template_can_turn_escaping_off() {
    let safe = "template mine.html:1:12: HTML is always escaped: `safe` is for `text_html`, `svg` and `wide`, which are HTML already
   1 | {{ title | safe }}
     |            ^^^^";
    refused("safe", "{{ title | safe }}", safe);
    for text in [
        "{% set x = title %}{{ x | upper | safe }}",
        "{{ title | replace(from=\"&lt;\", to=\"<\") | safe }}",
        "{% filter safe %}{{ title | escape | safe }}{% endfilter %}{% for row in blocks[0].rows %}{{ row.name | safe }}{% endfor %}",
    ] {
        assert!(said("safe2", text).unwrap_err().contains("HTML is always escaped"), "{text}");
    }
    for text in
        ["{{ title | reverse | reverse }}", "{{ [title] | join(sep=\"\") }}", "{{ title ~ \"\" }}", "{{ title[0:8] }}"]
    {
        assert_eq!(said("safe3", text).unwrap(), "&lt;script&gt;", "{text}");
    }
}

#[test]
fn what_is_html_already_stays_as_it_is() {
    #[derive(serde::Serialize)]
    struct Block {
        #[serde(serialize_with = "as_html")]
        text_html: String,
        text: String,
    }
    let block = Block { text_html: "<p>a</p>".to_owned(), text: "<p>".to_owned() };
    let context = Context::from_serialize(&json!({})).map(|mut context| {
        context.insert("blocks", &[&block]);
        context
    });
    let files = [(
        "mine.html",
        "{% for block in blocks %}{{ block.text_html | safe }}{{ block.text_html }}{{ block.text }}{% endfor %}",
    )];
    let templates = Folder::new("html", &files).load().unwrap();
    assert_eq!(templates.render("mine.html", &context.unwrap()).unwrap(), "<p>a</p><p>a</p>&lt;p&gt;");
    assert_eq!(serde_json::to_value(&block).unwrap(), json!({ "text_html": "<p>a</p>", "text": "<p>" }));
}

#[test]
fn unknown_names_are_errors_in_conditions_as_well() {
    let check = |text: &str, message: &str, help: &str| {
        let error = said("names", text).unwrap_err();
        let (first, rest) = error.split_once('\n').unwrap_or((&error, ""));
        assert!(first.ends_with(message), "{error}");
        assert!(rest.contains(help), "{error}");
    };
    check("{% if baner %}x{% endif %}", "there is no variable `baner`", "did you mean `banner`?");
    check("{{ titel }}", "there is no variable `titel`", "did you mean `title`?");
    check("{% if words.attenton %}x{% endif %}", "there is no field `attenton`", "did you mean `attention`?");
    check(
        "{% for b in blocks %}{% for r in b.rows %}{% if r.strek %}{% endif %}{% endfor %}{% endfor %}",
        "there is no field `strek`",
        "did you mean `streak`?",
    );
    check(
        "{% for row in attention %}{% if row.title %}{% endif %}{% endfor %}",
        "there is no field `title`",
        "there are changes, chart, distance, id, mark, name, parts, streak, target, target_is, value, why",
    );
    check("{% for l in notes %}{{ l.lines[0].x | upper }}{% endfor %}", "there is no `x` here", "");
    check("{{ link and notes.titel }}", "there is no field `titel`", "did you mean `title`?");
}

#[test]
fn names_of_a_templates_own_are_known() {
    for text in [
        "{% set m = {\"mine\": 1} %}{{ m.mine }}{% if m.mine is defined and foo is not defined %}{% endif %}",
        "{% component Head(text: String, big=true) %}{% if big %}{{ text }}{{ body }}{% endif %}{% endcomponent %}{% <Head text={title}> %}x{% </Head> %}",
        "{% set_global a = [n.title for n in notes] %}{{ a | join(sep=\", \") | upper }}{{ x | default(value=title) }}",
        "{% for key, value in words %}{{ key }}{{ value }}{{ loop.index }}{% endfor %}",
        "{% for n in notes %}{% if n.title is containing(pat=\"st\") or n.title == \"x\" %}{{ n.title | truncate(length=3, end=\"\") }}{% endif %}{% endfor %}",
        "{# {{ no }} #}{% raw %}{{ no }}{% endraw %}",
    ] {
        said("own", text).unwrap_or_else(|error| panic!("{text}: {error}"));
    }
}

#[test]
fn errors_name_template_line_column_and_variable_and_show_the_line() {
    let files =
        [("partials/foot.html", "<p>\n{% for n in notes %}\n{% set m = n or 1 %}  {{ m.value }}\n{% endfor %}")];
    let error = Folder::new("errors", &files).load().unwrap().render("partials/foot.html", &context()).unwrap_err();
    let expected = "template partials/foot.html:3:28: there is no `value` here
   3 | {% set m = n or 1 %}  {{ m.value }}
     |                            ^^^^^
     = help: there are lines, title";
    assert_eq!(error.to_string(), expected);
    let files = [
        ("mine.html", "é{% if true -%}\n é {% include \"partials/x.html\" %}{% endif %}"),
        ("partials/x.html", "{% for n in notes %}{{ n.title + 1 }}{% endfor %}"),
    ];
    let error = Folder::new("errors2", &files).load().unwrap().render("mine.html", &context()).unwrap_err();
    let expected = "template partials/x.html:1:24: `+` requires both operands to be numbers, found `string` and `i64`
   1 | {% for n in notes %}{{ n.title + 1 }}{% endfor %}
     |                        ^^^^^^^^^^^
     = included at mine.html:2:15";
    assert_eq!(error.to_string(), expected);
    let syntax = said("syntax", "a\n{% if %}").unwrap_err();
    assert!(syntax.starts_with("template mine.html:2:7: Found `%}` but expected"), "{syntax}");
    assert!(syntax.ends_with("\n   2 | {% if %}\n     |       ^^"), "{syntax}");
}

#[test]
fn only_files_of_the_folder_can_be_included() {
    let expected = "template mine.html:1:12: Unknown template `../../etc/passwd`
   1 | {% include \"../../etc/passwd\" %}
     |            ^^^^^^^^^^^^^^^^^^
     = help: only files of the folder of templates can be included";
    refused("passwd", "{% include \"../../etc/passwd\" %}", expected);
    assert!(said("absolute", "{% include \"/etc/passwd\" %}").unwrap_err().contains("Unknown template `/etc/passwd`"));
    assert!(said("parent", "{% extends \"/etc/passwd\" %}").unwrap_err().contains("/etc/passwd"));
    assert!(
        said("near", "{% include \"partials/hed.html\" %}")
            .unwrap_err()
            .ends_with("did you mean `partials/head.html`?")
    );
    assert!(said("made", "{% set x = \"/etc/passwd\" %}{% include x %}").is_err());
}

#[cfg(unix)]
#[test]
fn links_out_of_the_folder_pipes_and_huge_files_are_refused() {
    let outside = Folder::new("outside", &[("secret.html", "s3cret")]);
    let folder = Folder::new("links", &[("..data/report.txt", "x"), ("a.html", "{% include \"inner.txt\" %}")]);
    std::os::unix::fs::symlink("..data/report.txt", folder.0.join("inner.txt")).unwrap();
    std::os::unix::fs::symlink("nowhere", folder.0.join(".#a.html")).unwrap();
    let templates = folder.load().unwrap();
    assert_eq!(templates.render("a.html", &context()).unwrap(), "x", "a link within, as mounted configuration has it");
    std::os::unix::fs::symlink(outside.0.join("secret.html"), folder.0.join("mine.html")).unwrap();
    let error = folder.load().unwrap_err().to_string();
    assert!(
        error.ends_with("mine.html leads out of the folder of templates; copy the file instead of linking it"),
        "{error}"
    );
    fs::remove_file(folder.0.join("mine.html")).unwrap();
    std::os::unix::fs::symlink(&outside.0, folder.0.join("more")).unwrap();
    assert!(matches!(folder.load(), Err(TemplateError::Outside { .. })));
    fs::remove_file(folder.0.join("more")).unwrap();
    fs::write(folder.0.join("large.css"), vec![b' '; (1 << 20) + 1]).unwrap();
    assert!(matches!(folder.load(), Err(TemplateError::Large { .. })));
    fs::write(folder.0.join("large.css"), [b'a', 0xff]).unwrap();
    assert!(matches!(folder.load(), Err(TemplateError::Read { .. })));
    fs::remove_file(folder.0.join("large.css")).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(folder.0.join("pipe.txt")).status().unwrap().success());
    assert!(matches!(folder.load(), Err(TemplateError::Read { .. })));
}

#[test]
fn circles_of_includes_parents_and_components_are_refused() {
    assert!(said("self", "{% include \"mine.html\" %}").unwrap_err().contains("Circular include"));
    let files = [("a.html", "{% include \"b.html\" %}"), ("b.html", "{% include \"a.html\" %}")];
    assert!(Folder::new("circle", &files).load().unwrap_err().to_string().contains("Circular include"));
    assert!(said("extends", "{% extends \"mine.html\" %}").unwrap_err().contains("Circular extend"));
    let component = "{% component C() %}{{ <C/> }}{% endcomponent %}{{ <C/> }}";
    assert!(said("component", component).unwrap_err().contains("recursion depth"));
}

#[test]
fn as_deep_as_tera_allows_there_is_room_on_the_stack() {
    let mut files: Vec<(String, String)> =
        (0..18).map(|n| (format!("f{n}.html"), format!("{{% include \"f{}.html\" %}}", n + 1))).collect();
    files.push(("f18.html".to_owned(), "{{ <C/> }}".to_owned()));
    files.push((
        "mine.html".to_owned(),
        "{% component C() %}{% include \"f0.html\" %}{% endcomponent %}{{ <C/> }}".to_owned(),
    ));
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (&**name, &**text)).collect();
    let error = Folder::new("stack", &files).load().unwrap().render("mine.html", &context()).unwrap_err();
    assert!(error.to_string().contains("recursion depth"), "{error}");
}

#[test]
fn what_goes_on_without_end_is_stopped() {
    let words = |body: &str, depth: usize| {
        let begin: String = (0..depth).map(|n| format!("{{% for w{n} in words %}}")).collect();
        format!("{begin}{body}{}", "{% endfor %}".repeat(depth))
    };
    let endless = |name: &str, text: &str, expected: &str| {
        let error = said(name, text).unwrap_err();
        assert!(error.contains(expected) && error.contains("mine.html"), "{error}");
    };
    endless("gigabyte", &words("{{ w0 }} and so on for a gigabyte", 5), "template `mine.html` writes more than 5 MiB");
    endless("silent", &words("", 6), "this goes on without end");
    endless("kept", &format!("{{% set x %}}{}{{% endset %}}", words("and so on", 6)), "this goes on without end");
    endless("asked", &words("{% if title == \"x\" %}a{% endif %}", 6), "this goes on without end");
    endless("letters", &words("{% for letter in title %}{% endfor %}", 6), "this goes on without end");
    let tree = "{% component C() %}{{ <C/> }}{{ <C/> }}{% endcomponent %}{{ <C/> }}";
    endless("tree", tree, "recursion depth");
    endless(
        "doubled",
        &format!("{{% set_global s = \"abc\" %}}{}", words("{% set_global s = s ~ s %}", 1)),
        "too long",
    );
    endless(
        "list",
        &format!("{{% set_global s = [1] %}}{}", words("{% set_global s = [...s, ...s] %}", 1)),
        "too long",
    );
    endless(
        "block",
        "{% set s %}aaaaaaaa{% endset %}{% for w in words %}{% set_global s %}{{ s }}{{ s }}{% endset %}{% endfor %}",
        "too long",
    );
    endless(
        "replace",
        "{% set_global s = \"aaaa\" %}{% for w in words %}{% set_global s = s | replace(from=\"a\", to=s) %}{% endfor %}",
        "too long",
    );
    endless("range", "{% for i in range(end=100000) %}{% endfor %}", "`range` is not to be had");
    endless("deep", &format!("{}{}", "{% if true %}".repeat(9999), "{% endif %}".repeat(9999)), "too deep");
    endless("brackets", &format!("{{{{ {}1{} }}}}", "(".repeat(9999), ")".repeat(9999)), "mine.html:1:");
}

#[test]
fn chains_of_includes_that_multiply_are_stopped_and_long_ones_run() {
    let link = |n: usize, times: usize| {
        let next = format!("{{% include \"f{}.html\" %}}", n + 1).repeat(times);
        (format!("f{n}.html"), next)
    };
    let chain = |name: &str, length: usize, times: usize| {
        let mut files: Vec<(String, String)> = (0..length).map(|n| link(n, times)).collect();
        files.push((format!("f{length}.html"), "x".to_owned()));
        let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (&**name, &**text)).collect();
        let templates = Folder::new(name, &files).load().map_err(|error| error.to_string())?;
        templates.render("f0.html", &context()).map_err(|error| error.to_string())
    };
    assert_eq!(chain("long", 19, 1).unwrap(), "x");
    assert_eq!(
        chain("longer", 20, 1).unwrap_err(),
        "templates include each other more than 20 deep: f0.html begins a chain"
    );
    let error = chain("laughs", 10, 10).unwrap_err();
    assert!(error.contains("writes more than 5 MiB") || error.contains("without end"), "{error}");
}

#[test]
fn unknown_template_of_a_report_is_missing_with_a_suggestion() {
    let templates = Folder::new("missing", &[("mine.html", "x")]).load().unwrap();
    let check = |name: &str, expected: &str| {
        assert_eq!(templates.render(name, &context()).unwrap_err().to_string(), expected);
    };
    check("mien.html", "there is no template `mien.html`; did you mean `mine.html`?");
    check("weekly.html", "there is no template `weekly.html`");
}
