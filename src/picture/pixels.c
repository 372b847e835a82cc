#include "picture/pixels.h"
#include <stdlib.h>
#include <string.h>

enum { COLOURS = 3 };

void pixels_free(struct pixels *pixels)
{
    free(pixels->rgb);
    pixels->rgb = NULL;
}

static struct pixels pixels_new(unsigned width, unsigned height)
{
    return (struct pixels){.width = width, .height = height, .rgb = malloc((size_t)width * height * COLOURS)};
}

/* Spreads `count` values a pixel over `narrow` pixels by the share that each source pixel has in them: an average over areas. A source pixel
   is `narrow` units long, a target pixel `wide`. */
static void narrow_row(const unsigned char *row, unsigned wide, float *into, unsigned narrow)
{
    unsigned room = wide;
    memset(into, 0, (size_t)narrow * COLOURS * sizeof *into);
    for (unsigned x = 0; x < wide; x++, row += COLOURS)
        for (unsigned left = narrow; left > 0;) {
            unsigned take = left < room ? left : room;
            for (int colour = 0; colour < COLOURS; colour++)
                into[colour] += (float)take * (float)row[colour];
            left -= take;
            room -= take;
            if (room == 0) {
                room = wide;
                into += COLOURS;
            }
        }
}

static void add_row(float *sum, const float *row, size_t count, float share)
{
    for (size_t i = 0; i < count; i++)
        sum[i] += share * row[i];
}

static void end_row(unsigned char *into, float *sum, size_t count, float area)
{
    for (size_t i = 0; i < count; i++) {
        into[i] = (unsigned char)(sum[i] / area + 0.5F);
        sum[i] = 0;
    }
}

/* The same from row to row. `line` and `sum` have room for a target row each. */
static void shrink(const struct pixels *from, struct pixels *to, float *line, float *sum)
{
    size_t count = (size_t)to->width * COLOURS;
    unsigned char *into = to->rgb;
    unsigned room = from->height;
    for (unsigned y = 0; y < from->height; y++) {
        narrow_row(from->rgb + (size_t)y * from->width * COLOURS, from->width, line, to->width);
        for (unsigned left = to->height; left > 0;) {
            unsigned take = left < room ? left : room;
            add_row(sum, line, count, (float)take);
            left -= take;
            room -= take;
            if (room == 0) {
                end_row(into, sum, count, (float)from->width * (float)from->height);
                into += count;
                room = from->height;
            }
        }
    }
}

static unsigned scaled(unsigned side, unsigned longest, unsigned longer)
{
    unsigned long long length = ((unsigned long long)side * longest + longer / 2) / longer;
    return length > 0 ? (unsigned)length : 1;
}

struct pixels pixels_copy_within(const struct pixels *from, unsigned longest)
{
    unsigned longer = from->width > from->height ? from->width : from->height;
    bool fits = longer <= longest;
    struct pixels to = fits ? pixels_new(from->width, from->height)
                            : pixels_new(scaled(from->width, longest, longer), scaled(from->height, longest, longer));
    size_t count = (size_t)to.width * COLOURS;
    float *line = malloc(count * sizeof *line), *sum = calloc(count, sizeof *sum);
    if (!from->rgb || !to.rgb || !line || !sum)
        pixels_free(&to);
    else if (fits)
        memcpy(to.rgb, from->rgb, count * to.height);
    else
        shrink(from, &to, line, sum);
    free(line);
    free(sum);
    return to;
}

struct pixels pixels_within(struct pixels taken, unsigned longest)
{
    if (taken.width <= longest && taken.height <= longest)
        return taken;
    struct pixels small = pixels_copy_within(&taken, longest);
    pixels_free(&taken);
    return small;
}

/* Which stored pixel is shown at x, y. The picture is w x h as stored; from 5 on its sides change places. */
static size_t source_of(int orientation, size_t x, size_t y, size_t w, size_t h)
{
    switch (orientation) {
    case 2:
        return y * w + (w - 1 - x);
    case 3:
        return (h - 1 - y) * w + (w - 1 - x);
    case 4:
        return (h - 1 - y) * w + x;
    case 5:
        return x * w + y;
    case 6:
        return (h - 1 - x) * w + y;
    case 7:
        return (h - 1 - x) * w + (w - 1 - y);
    case 8:
        return x * w + (w - 1 - y);
    default:
        return y * w + x;
    }
}

struct pixels pixels_upright(struct pixels taken, int orientation)
{
    if (orientation <= 1 || orientation > 8 || !taken.rgb)
        return taken;
    bool turned = orientation >= 5;
    struct pixels to = pixels_new(turned ? taken.height : taken.width, turned ? taken.width : taken.height);
    unsigned char *into = to.rgb;
    for (unsigned y = 0; into && y < to.height; y++)
        for (unsigned x = 0; x < to.width; x++, into += COLOURS)
            memcpy(into, taken.rgb + source_of(orientation, x, y, taken.width, taken.height) * COLOURS, COLOURS);
    pixels_free(&taken);
    return to;
}
