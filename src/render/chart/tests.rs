//! Charts of every kind of trend: what is drawn, that it can be read back, and how small it is.

use super::*;
use crate::measure::Why;
use resvg::usvg::{Options, Tree};

fn spots(values: &[Option<f64>], target: Option<Level>) -> Vec<Spot> {
    values.iter().map(|value| Spot { value: *value, target }).collect()
}

fn all(values: &[f64]) -> Vec<Option<f64>> {
    values.iter().copied().map(Some).collect()
}

const SALES: [f64; 13] = [248.0, 262.0, 240.0, 255.0, 271.0, 266.0, 259.0, 280.0, 274.0, 301.0, 288.0, 264.0, 312.0];

/// Trends of every kind, with a name.
fn gallery() -> Vec<(&'static str, Trend)> {
    let not_judged = || Verdict::NotJudged(Why::NoTarget);
    let value = |target| Some(Level::Value(target));
    let mut stepped = spots(&all(&SALES), value(250.0));
    stepped[7..].iter_mut().for_each(|spot| spot.target = value(285.0));
    let mut late = spots(&all(&SALES), value(270.0));
    late[..5].iter_mut().for_each(|spot| spot.target = None);
    let gaps = [Some(3.0), Some(4.0), None, Some(5.0), None, None, Some(2.0), Some(3.0), Some(4.5)];
    let trend = |spots, verdict| Trend { spots, verdict };
    vec![
        ("missed", trend(spots(&all(&SALES), value(250.0)), Verdict::Missed)),
        ("near", trend(spots(&all(&SALES), value(305.0)), Verdict::Near)),
        ("met", trend(spots(&all(&SALES), value(320.0)), Verdict::Met)),
        ("not judged", trend(spots(&all(&SALES), None), not_judged())),
        ("stepped", trend(stepped, Verdict::Missed)),
        ("late target", trend(late, Verdict::Met)),
        ("band", trend(spots(&all(&SALES), Some(Level::Between(255.0, 285.0))), Verdict::Missed)),
        ("far band", trend(spots(&all(&SALES), Some(Level::Between(280.0, 9e9))), Verdict::Met)),
        ("gaps", trend(spots(&gaps, value(4.0)), Verdict::Met)),
        ("last missing", trend(spots(&[Some(1.0), Some(2.0), None], value(2.0)), not_judged())),
        ("alone at the end", trend(spots(&[None, None, Some(2.0)], value(3.0)), Verdict::Near)),
        ("one", trend(spots(&all(&[7.0]), value(9.0)), Verdict::Missed)),
        ("none", trend(spots(&[None, None], value(9.0)), not_judged())),
        ("nothing", trend(Vec::new(), not_judged())),
        ("equal", trend(spots(&all(&[7.0; 6]), value(7.0)), Verdict::Met)),
        ("negative", trend(spots(&all(&[-5.0, -3.0, -8.0, 2.0, -1.0]), value(0.0)), Verdict::Near)),
        ("huge", trend(spots(&all(&[f64::MIN, 0.0, f64::MAX]), value(f64::MAX)), Verdict::Met)),
        ("tiny", trend(spots(&all(&[5e-324, 1e-323]), value(f64::MAX)), Verdict::Missed)),
        ("target far out", trend(spots(&all(&SALES), value(1e6)), Verdict::Missed)),
        (
            "year of days",
            trend(
                spots(&(0..365).map(|i| Some(f64::from(i * 37 % 101))).collect::<Vec<_>>(), value(60.0)),
                Verdict::Missed,
            ),
        ),
    ]
}

fn chart(trend: &Trend) -> String {
    let number = |number: f64| format!("{number} €");
    let period = |index: usize| format!("S{}", index + 34);
    let point = |index: usize| format!("S{} <\"&\u{1}", index + 34);
    Chart::new(trend.clone()).svg(&Labels { alt: "CAC 312 € <\"&", number: &number, period: &period, point: &point })
}

#[track_caller]
fn png(bytes: &[u8]) -> (png::OutputInfo, Vec<u8>) {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(bytes));
    decoder.set_transformations(png::Transformations::EXPAND);
    let mut reader = decoder.read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    (info, pixels)
}

#[test]
fn every_trend_is_a_picture_of_good_xml() {
    for (name, trend) in gallery() {
        let spark = Spark::new(trend.clone());
        for svg in [spark.svg(""), spark.svg("a <\"&\u{b} b"), chart(&trend)] {
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{name}: {svg}");
            Tree::from_str(&svg, &Options::default()).unwrap_or_else(|error| panic!("{name}: {error}\n{svg}"));
        }
        let (info, pixels) = png(&spark.png());
        assert_eq!((info.width, info.height), (240, 64), "{name}");
        let drawn = trend.spots.iter().any(|spot| spot.value.is_some());
        assert_eq!(pixels.chunks(4).any(|pixel| pixel[3] > 0), drawn, "{name}");
    }
}

#[test]
fn sparkline_is_small_and_the_same_every_time() {
    for (name, trend) in gallery() {
        let spark = Spark::new(trend);
        let bytes = spark.png();
        assert_eq!(bytes, spark.png(), "{name}");
        assert!(bytes.len() <= 1200, "{name}: {} bytes", bytes.len());
    }
}

#[test]
fn bar_is_one_pixel_of_its_ink() {
    for ink in Ink::ALL {
        let (info, pixels) = png(&swatch(ink));
        assert_eq!((info.width, info.height), (1, 1));
        assert_eq!(pixels[..3], ink.rgb());
        assert!(swatch(ink).len() < 120);
    }
}

fn spark(name: &str) -> String {
    let found = gallery().into_iter().find(|(known, _)| *known == name);
    Spark::new(found.unwrap().1).svg("")
}

#[test]
fn line_has_gaps_dots_and_the_shape_of_its_verdict() {
    let gaps = spark("gaps");
    let line = gaps.split("<path d=\"").find(|path| path.contains("stroke-linejoin")).unwrap();
    assert_eq!(line.matches('M').count(), 2, "{gaps}");
    assert_eq!(gaps.matches("<g fill=\"#4a83c9\"><circle").count(), 1, "{gaps}");
    assert!(spark("met").contains("fill=\"#2a9a5c\""));
    assert!(spark("near").contains("Z\" fill=\"#bd7d14\""));
    assert!(spark("missed").contains("h5.4v5.4h-5.4Z\" fill=\"#db4a40\""));
    assert!(spark("not judged").contains("r=\"2.25\" stroke=\"#858c95\""));
    assert!(!spark("last missing").contains("<circle"));
}

#[test]
fn target_steps_where_it_changed_and_is_dotted_beyond_the_picture() {
    let dashes = |name: &str| {
        let svg = spark(name);
        let path = svg.split("<path d=\"").find(|path| path.contains("dasharray")).unwrap();
        (path.matches('M').count(), path.contains("\"3 2\""))
    };
    assert_eq!(dashes("missed"), (1, true));
    assert_eq!(dashes("stepped"), (2, true));
    assert_eq!(dashes("band"), (2, true));
    assert_eq!(dashes("target far out"), (1, false));
    assert!(spark("band").contains("fill-opacity=\".2\""));
    assert!(!spark("not judged").contains("dasharray"));
    assert!(spark("late target").contains("d=\"M44.38 "), "{}", spark("late target"));
}

#[test]
fn chart_names_round_numbers_periods_and_every_point() {
    let svg = chart(&gallery()[0].1);
    for text in [
        ">240 €<",
        ">320 €<",
        ">S46<",
        ">S43<",
        "S34 &lt;&quot;&amp;\u{fffd}",
        "aria-label=\"CAC 312 € &lt;&quot;&amp;\"",
    ] {
        assert!(svg.contains(text), "{text}: {svg}");
    }
    assert_eq!(svg.matches("<title>").count(), 13);
    assert!(!svg.contains("S45<"), "{svg}");
}

/// Writes the gallery to the folder that `KPID_GALLERY` names, to be looked at.
#[test]
fn gallery_can_be_looked_at() {
    let Some(folder) = std::env::var_os("KPID_GALLERY").map(std::path::PathBuf::from) else { return };
    let mut rows = String::new();
    for (index, (name, trend)) in gallery().into_iter().enumerate() {
        let spark = Spark::new(trend.clone());
        let bytes = spark.png();
        std::fs::write(folder.join(format!("{index}.png")), &bytes).unwrap();
        rows += &format!(
            "<tr><td>{name}<td><img src={index}.png width=120 height=32><td>{}<td>{}<td class=c>{}",
            spark.svg(""),
            bytes.len(),
            chart(&trend)
        );
    }
    let style = "body{margin:0;font:14px sans-serif;display:flex}table{padding:12px;flex:1}td{padding:4px 12px}.d{background:#16181b;color:#eceef0}";
    let page = |table: &str| {
        format!(
            "<!doctype html><meta charset=utf-8><style>{style}</style><table>{table}</table><table class=d>{table}</table>"
        )
    };
    std::fs::write(folder.join("all.html"), page(&rows)).unwrap();
}
