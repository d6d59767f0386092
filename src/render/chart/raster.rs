//! SVG → small PNGs with a transparent ground.
//!
//! A chart has a handful of inks, so a pixel is one of them in one of [`LEVELS`] strengths: at most sixteen colours, four bits a
//! pixel, and a file that is a fifth of what one with all its shades would be. The eye sees no difference at twice the density.

use super::Ink;
use png::{BitDepth, ColorType, Compression, Encoder, Filter};
use resvg::tiny_skia::{Pixmap, PremultipliedColorU8, Transform};
use resvg::usvg::{Options, Tree};

/// Pixels a CSS pixel, each way.
const DENSITY: f32 = 2.0;
/// Strengths of an ink that are told apart, beside none.
const LEVELS: u8 = 5;
/// Everything a pixel can be: nothing, and each ink in each strength.
const SHADES: u8 = 1 + Ink::ALL.len() as u8 * LEVELS;

/// What a pixel is: 0 is nothing, then come the inks, each from its weakest to its full strength.
type Shade = u8;

/// The picture that `svg`, made by this module, shows.
pub(super) fn png(svg: &str, width: u32, height: u32) -> Vec<u8> {
    let tree = Tree::from_str(svg, &Options::default()).expect("a chart is well-formed SVG");
    let (width, height) = (width * DENSITY as u32, height * DENSITY as u32);
    let mut pixmap = Pixmap::new(width, height).expect("a chart is neither empty nor huge");
    resvg::render(&tree, Transform::from_scale(DENSITY, DENSITY), &mut pixmap.as_mut());
    encoded(&shades(pixmap.pixels()), width)
}

/// One pixel of `ink`: what a bar of any size is stretched from.
pub fn swatch(ink: Ink) -> Vec<u8> {
    let place = Ink::ALL.iter().position(|one| *one == ink).unwrap_or(0);
    encoded(&[shade(place, LEVELS)], 1)
}

fn shade(ink: usize, level: u8) -> Shade {
    1 + ink as u8 * LEVELS + level - 1
}

/// The colour and its strength out of [`LEVELS`].
fn ink(shade: Shade) -> ([u8; 3], u8) {
    match shade.checked_sub(1) {
        None => ([0; 3], 0),
        Some(place) => (Ink::ALL[usize::from(place / LEVELS)].rgb(), place % LEVELS + 1),
    }
}

/// What each of `pixels` is nearest to.
fn shades(pixels: &[PremultipliedColorU8]) -> Vec<Shade> {
    // Most of a picture is empty, and most of the rest is like what stands beside it.
    let (mut last, mut last_shade) = (PremultipliedColorU8::TRANSPARENT, 0);
    let shade = |pixel: &PremultipliedColorU8| {
        if *pixel != last {
            (last, last_shade) = (*pixel, quantised(*pixel));
        }
        last_shade
    };
    pixels.iter().map(shade).collect()
}

fn quantised(pixel: PremultipliedColorU8) -> Shade {
    let level = ((u32::from(pixel.alpha()) * u32::from(LEVELS) + 127) / 255) as u8;
    if level == 0 {
        return 0;
    }
    let colour = pixel.demultiply();
    let distance = |ink: &Ink| {
        let [red, green, blue] = ink.rgb();
        let square = |a: u8, b: u8| u32::from(a.abs_diff(b)).pow(2);
        square(red, colour.red()) + square(green, colour.green()) + square(blue, colour.blue())
    };
    let nearest = Ink::ALL.iter().enumerate().min_by_key(|(_, ink)| distance(ink));
    nearest.map_or(0, |(place, _)| shade(place, level))
}

fn encoded(pixels: &[Shade], width: u32) -> Vec<u8> {
    let mut used = [false; SHADES as usize];
    pixels.iter().for_each(|shade| used[usize::from(*shade)] = true);
    // In an order of their own, not that in which they occur: pictures that differ little differ little in their bytes.
    let palette: Vec<Shade> = (0..SHADES).filter(|shade| used[usize::from(*shade)]).collect();
    let mut places = [0; SHADES as usize];
    (0..).zip(&palette).for_each(|(place, shade)| places[usize::from(*shade)] = place);
    let bits = [1, 2, 4, 8].into_iter().find(|bits| palette.len() <= 1 << bits).unwrap_or(8);
    let rows: Vec<u8> = pixels.chunks(width as usize).flat_map(|row| packed(row, &places, bits)).collect();

    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, width, pixels.len() as u32 / width);
    encoder.set_color(ColorType::Indexed);
    encoder.set_depth(BitDepth::from_u8(bits as u8).expect("a depth that PNG has"));
    encoder.set_palette(palette.iter().flat_map(|shade| ink(*shade).0).collect::<Vec<u8>>());
    let alpha = |shade: &Shade| (u32::from(ink(*shade).1) * 255 / u32::from(LEVELS)) as u8;
    encoder.set_trns(palette.iter().map(alpha).collect::<Vec<u8>>());
    // A fiftieth larger than with the highest, in a sixth of the time.
    encoder.set_compression(Compression::Balanced);
    // Filters help shades that follow each other, not places in a palette.
    encoder.set_filter(Filter::NoFilter);
    let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(&rows));
    written.expect("memory takes every byte of a well-formed picture");
    bytes
}

/// The places of a row's shades in the palette, `bits` each, the leftmost highest; a row ends with its byte.
fn packed(row: &[Shade], places: &[u32; SHADES as usize], bits: usize) -> impl Iterator<Item = u8> {
    let in_byte = 8 / bits;
    row.chunks(in_byte).map(move |shades| {
        let byte = shades.iter().fold(0, |byte, shade| byte << bits | places[usize::from(*shade)]);
        (byte << (bits * (in_byte - shades.len()))) as u8
    })
}
