//! SVG → small PNGs with a transparent ground.
//!
//! A chart has a handful of inks, so a pixel is one of them in one of [`LEVELS`] strengths: at most sixteen colours, four bits a
//! pixel, and a file that is a fifth of what one with all its shades would be. The eye sees no difference at twice the density.

use super::Ink;
use png::{BitDepth, ColorType, Compression, Encoder, Filter};
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree};

/// Pixels a CSS pixel, each way.
const DENSITY: f32 = 2.0;
/// Strengths of an ink that are told apart, beside none.
const LEVELS: u32 = 5;

/// A place in the palette; nothing is transparent.
type Colour = Option<(Ink, u32)>;

/// The picture that `svg`, made by this module, shows.
pub(super) fn png(svg: &str, width: u32, height: u32) -> Vec<u8> {
    let tree = Tree::from_str(svg, &Options::default()).expect("a chart is well-formed SVG");
    let (width, height) = (width * DENSITY as u32, height * DENSITY as u32);
    let mut pixmap = Pixmap::new(width, height).expect("a chart is neither empty nor huge");
    resvg::render(&tree, Transform::from_scale(DENSITY, DENSITY), &mut pixmap.as_mut());
    let pixels: Vec<Colour> = pixmap
        .pixels()
        .iter()
        .map(|pixel| {
            let colour = pixel.demultiply();
            quantised([colour.red(), colour.green(), colour.blue()], colour.alpha())
        })
        .collect();
    encoded(&pixels, width)
}

/// One pixel of `ink`: what a bar of any size is stretched from.
pub fn swatch(ink: Ink) -> Vec<u8> {
    encoded(&[Some((ink, LEVELS))], 1)
}

fn quantised(rgb: [u8; 3], alpha: u8) -> Colour {
    let level = (u32::from(alpha) * LEVELS + 127) / 255;
    // Most of a picture is its ground.
    if level == 0 {
        return None;
    }
    let distance = |ink: &Ink| -> u32 { ink.rgb().iter().zip(rgb).map(|(a, b)| u32::from(a.abs_diff(b)).pow(2)).sum() };
    Ink::ALL.into_iter().min_by_key(distance).map(|ink| (ink, level))
}

fn encoded(pixels: &[Colour], width: u32) -> Vec<u8> {
    // In an order of their own, not that in which they occur: pictures that differ little differ little in their bytes.
    let levels = |ink| (1..=LEVELS).map(move |level| Some((ink, level)));
    let every = std::iter::once(None).chain(Ink::ALL.into_iter().flat_map(levels));
    let palette: Vec<Colour> = every.filter(|colour| pixels.contains(colour)).collect();
    let bits = [1, 2, 4, 8].into_iter().find(|bits| palette.len() <= 1 << bits).unwrap_or(8);
    let rows = pixels.chunks(width as usize).flat_map(|row| packed(row, &palette, bits)).collect::<Vec<u8>>();

    let mut bytes = Vec::new();
    let mut encoder = Encoder::new(&mut bytes, width, pixels.len() as u32 / width);
    encoder.set_color(ColorType::Indexed);
    encoder.set_depth(BitDepth::from_u8(bits).expect("a depth that PNG has"));
    encoder.set_palette(
        palette.iter().flat_map(|colour| colour.map_or([0; 3], |(ink, _)| ink.rgb())).collect::<Vec<u8>>(),
    );
    let alpha = |(_, level): (Ink, u32)| (level * 255 / LEVELS) as u8;
    encoder.set_trns(palette.iter().map(|colour| colour.map_or(0, alpha)).collect::<Vec<u8>>());
    encoder.set_compression(Compression::High);
    // Filters help shades that follow each other, not places in a palette.
    encoder.set_filter(Filter::NoFilter);
    let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(&rows));
    written.expect("memory takes every byte of a well-formed picture");
    bytes
}

/// Places in the palette, `bits` each, a row ending with its byte.
fn packed(row: &[Colour], palette: &[Colour], bits: u8) -> Vec<u8> {
    let index = |colour: &Colour| palette.iter().position(|known| known == colour).unwrap_or(0) as u8;
    let in_byte = usize::from(8 / bits);
    let byte = |pixels: &[Colour]| {
        pixels
            .iter()
            .zip((0..in_byte as u8).rev())
            .fold(0, |byte, (colour, place)| byte | index(colour) << (place * bits))
    };
    row.chunks(in_byte).map(byte).collect()
}
