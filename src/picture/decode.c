/* The decoders, in the confined process. What they are given was read by picture_read_header() before; they look for themselves again. */
#include <spng.h>
#include <stdlib.h>
#include <string.h>
#include <turbojpeg.h>
#include <webp/decode.h>
#include "picture/header.h"
#include "picture/limits.h"
#include "picture/pixels.h"

enum { RGB = 3, RGBA = 4 };

static const struct pixels nothing;

static bool is_sane(unsigned width, unsigned height)
{
    return width > 0 && height > 0 && (unsigned long long)width * height <= PICTURE_MOST_PIXELS;
}

/* See-through pixels as they look on white; the same memory, a byte less for each. */
static void put_on_white(unsigned char *rgba, size_t count)
{
    unsigned char *rgb = rgba;
    for (size_t i = 0; i < count; i++, rgb += RGB, rgba += RGBA) {
        unsigned opaque = rgba[3];
        for (int colour = 0; colour < RGB; colour++)
            rgb[colour] = (unsigned char)((rgba[colour] * opaque + 255 * (255 - opaque) + 127) / 255);
    }
}

/* Cyan, magenta, yellow and black as they are stored by convention, inverted: 255 is no ink. */
static void put_ink_on_white(unsigned char *cmyk, size_t count)
{
    unsigned char *rgb = cmyk;
    for (size_t i = 0; i < count; i++, rgb += RGB, cmyk += RGBA)
        for (int colour = 0; colour < RGB; colour++)
            rgb[colour] = (unsigned char)((cmyk[colour] * cmyk[3] + 127) / 255);
}

/* JPEG */

/* The smallest scale that still leaves `longest` to shrink from. */
static tjscalingfactor scale_for(int longer, unsigned longest)
{
    int count = 0;
    tjscalingfactor best = {1, 1}, *factors = tjGetScalingFactors(&count);
    for (int i = 0; i < count; i++)
        if (TJSCALED(longer, factors[i]) >= (int)longest && factors[i].num * best.denom < best.num * factors[i].denom)
            best = factors[i];
    return best;
}

/* Bytes that belong to nothing are common and harmless; any other complaint means that a part of the picture is missing. */
static bool is_whole(tjhandle handle, int result)
{
    return result == 0 || (tjGetErrorCode(handle) == TJERR_WARNING && strstr(tjGetErrorStr2(handle), "extraneous bytes"));
}

static struct pixels decode_jpeg(const unsigned char *bytes, size_t size, unsigned longest)
{
    int width, height, sampling, colours;
    struct pixels pixels = nothing;
    tjhandle handle = tjInitDecompress();
    if (handle && tjDecompressHeader3(handle, bytes, size, &width, &height, &sampling, &colours) == 0 && width > 0 && height > 0 &&
        is_sane((unsigned)width, (unsigned)height)) {
        tjscalingfactor scale = scale_for(width > height ? width : height, longest);
        bool inks = colours == TJCS_CMYK || colours == TJCS_YCCK;
        pixels.width = (unsigned)TJSCALED(width, scale);
        pixels.height = (unsigned)TJSCALED(height, scale);
        size_t count = (size_t)pixels.width * pixels.height;
        pixels.rgb = malloc(count * (inks ? RGBA : RGB));
        if (pixels.rgb && !is_whole(handle, tjDecompress2(handle, bytes, size, pixels.rgb, (int)pixels.width, 0, (int)pixels.height,
                                                          inks ? TJPF_CMYK : TJPF_RGB, TJFLAG_LIMITSCANS)))
            pixels_free(&pixels);
        if (pixels.rgb && inks)
            put_ink_on_white(pixels.rgb, count);
    }
    if (handle)
        tjDestroy(handle);
    return pixels;
}

/* PNG */

static struct pixels decode_png_with(spng_ctx *png, const unsigned char *bytes, size_t size)
{
    enum { CHUNK = 16 << 20, CHUNKS = 64 << 20 }; /* bytes that compressed texts and profiles may come to */
    struct spng_ihdr header;
    struct spng_trns unused;
    if (spng_set_chunk_limits(png, CHUNK, CHUNKS) || spng_set_png_buffer(png, bytes, size) || spng_get_ihdr(png, &header) ||
        !is_sane(header.width, header.height))
        return nothing;
    bool opaque = !(header.color_type & 4) && spng_get_trns(png, &unused) != 0;
    struct pixels pixels = {.width = header.width, .height = header.height};
    size_t count = (size_t)header.width * header.height, room = count * (opaque ? RGB : RGBA);
    pixels.rgb = malloc(room);
    if (pixels.rgb && spng_decode_image(png, pixels.rgb, room, opaque ? SPNG_FMT_RGB8 : SPNG_FMT_RGBA8, opaque ? 0 : SPNG_DECODE_TRNS))
        pixels_free(&pixels);
    if (pixels.rgb && !opaque)
        put_on_white(pixels.rgb, count);
    return pixels;
}

static struct pixels decode_png(const unsigned char *bytes, size_t size)
{
    spng_ctx *png = spng_ctx_new(0);
    struct pixels pixels = png ? decode_png_with(png, bytes, size) : nothing;
    spng_ctx_free(png);
    return pixels;
}

/* WebP */

static void scale(WebPDecoderConfig *config, unsigned longest)
{
    int width = config->input.width, height = config->input.height, longer = width > height ? width : height;
    if (longer <= (int)longest)
        return;
    config->options.use_scaling = 1;
    config->options.scaled_width = (int)((long long)width * longest / longer);
    config->options.scaled_height = (int)((long long)height * longest / longer);
    config->options.scaled_width += config->options.scaled_width == 0;
    config->options.scaled_height += config->options.scaled_height == 0;
}

static struct pixels decode_webp(const unsigned char *bytes, size_t size, unsigned longest)
{
    WebPDecoderConfig config;
    if (!WebPInitDecoderConfig(&config) || WebPGetFeatures(bytes, size, &config.input) != VP8_STATUS_OK || config.input.has_animation ||
        !is_sane((unsigned)config.input.width, (unsigned)config.input.height))
        return nothing;
    scale(&config, longest);
    bool scaled = config.options.use_scaling, opaque = !config.input.has_alpha;
    struct pixels pixels = {.width = (unsigned)(scaled ? config.options.scaled_width : config.input.width),
                            .height = (unsigned)(scaled ? config.options.scaled_height : config.input.height)};
    size_t count = (size_t)pixels.width * pixels.height, stride = (size_t)pixels.width * (opaque ? RGB : RGBA);
    pixels.rgb = malloc(stride * pixels.height);
    config.output.colorspace = opaque ? MODE_RGB : MODE_RGBA;
    config.output.is_external_memory = 1;
    config.output.u.RGBA = (WebPRGBABuffer){.rgba = pixels.rgb, .stride = (int)stride, .size = stride * pixels.height};
    if (pixels.rgb && WebPDecode(bytes, size, &config) != VP8_STATUS_OK)
        pixels_free(&pixels);
    if (pixels.rgb && !opaque)
        put_on_white(pixels.rgb, count);
    WebPFreeDecBuffer(&config.output);
    return pixels;
}

struct pixels pixels_decode(const unsigned char *bytes, size_t size, unsigned longest)
{
    switch (picture_kind(bytes, size, NULL)) {
    case PICTURE_JPEG:
        return decode_jpeg(bytes, size, longest);
    case PICTURE_PNG:
        return decode_png(bytes, size);
    case PICTURE_WEBP:
        return decode_webp(bytes, size, longest);
    default:
        return nothing;
    }
}
