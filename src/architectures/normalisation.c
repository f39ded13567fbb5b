/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Normalisation: what follows does not see the length of the weights, so that the quotient is a sphere.
*/

#include "preset.h"

enum { STEREOGRAPHIC, GNOMONIC };

#define STEREOGRAPHIC_LENGTH 9 /* of longer vectors the root is too much for the exact field: polar coordinates */
#define MIXED_CONTRASTS 3      /* so many entries of C are written with the weights themselves as parameters */

/* Batch normalisation ************************************************************************/

/* r alone moves: r -> c r; the unit sphere is what is left. */
static void
write_radius(preset_writer * writer, slong n)
{
    caustic_expr r;

    preset_begin(writer, 1, 1, 0, 0);
    r = preset_parameter(writer, "r", 1);
    preset_metric(writer, 0, 0, caustic_power_si(writer->pool, r, 2));
    preset_generator(writer, 0, 0, r);
    preset_section(writer, 0, preset_integer(writer, 1));
    preset_sphere(writer, n - 1, 0);
    preset_say(writer, "Parameters: w in R^" WORD_FMT "d without 0 in polar coordinates: its length r, and its direction on the unit sphere."
        " Group: r -> c r, c > 0. Inverse metric: |w|^2 I, which is r^2 and the round unit sphere."
        " Left out: w = 0, which is infinitely far away.", n);
}

/* z_i = w_i/(|w| + w_n), and back on the unit sphere w_i = 2 z_i/(1 + |z|^2), w_n = (1 - |z|^2)/(1 + |z|^2). With weights
   c_i, |w|^2 and |z|^2 stand for sums of c_i w_i^2 and c_i z_i^2, where c_n = 1. */
static caustic_expr
weighted_square(preset_writer * writer, const caustic_expr * x, const caustic_expr * c, slong length)
{
    caustic_expr * term = preset_room(writer, length);

    for (slong i = 0; i < length; i++)
        term[i] = caustic_mul(writer->pool, c[i], caustic_power_si(writer->pool, x[i], 2));

    return caustic_sum(writer->pool, term, length);
}

/* Declares the coordinates of the stereographic chart and gives the point of the section that it has, at
   length 1, in `point`. */
static void
write_stereographic(preset_writer * writer, caustic_expr * point, const caustic_expr * w, const caustic_expr * c, slong n)
{
    caustic_pool * pool = writer->pool;
    caustic_expr one = preset_integer(writer, 1);
    caustic_expr pole = caustic_add(pool, caustic_sqrt(pool, weighted_square(writer, w, c, n)), w[n - 1]);
    caustic_expr * z = preset_room(writer, n);
    caustic_expr square, scale;

    for (slong i = 0; i < n - 1; i++)
        z[i] = preset_coordinate(writer, preset_name(writer, "z", i, n - 1), caustic_div(pool, w[i], pole), 0);

    square = weighted_square(writer, z, c, n - 1);
    scale = caustic_add(pool, one, square);
    for (slong i = 0; i < n - 1; i++)
        point[i] = caustic_div(pool, caustic_mul(pool, preset_integer(writer, 2), z[i]), scale);
    point[n - 1] = caustic_div(pool, caustic_sub(pool, one, square), scale);
    preset_stratum(writer, pole);
}

void
write_batchnorm(preset_writer * writer)
{
    slong n = writer->option[0].integer;
    int gnomonic = writer->option[1].integer == GNOMONIC;
    caustic_expr * w = preset_room(writer, n), * point = preset_room(writer, n), * one = preset_room(writer, n);
    caustic_expr square;

    if (n > (gnomonic ? PRESET_WRITTEN_OUT : STEREOGRAPHIC_LENGTH))
    {
        write_radius(writer, n);
        return;
    }

    preset_begin(writer, n, 1, 0, n - 1);
    for (slong i = 0; i < n; i++)
    {
        w[i] = preset_parameter(writer, preset_name(writer, "w", i, n), gnomonic && i == n - 1);
        one[i] = preset_integer(writer, 1);
        preset_generator(writer, 0, i, w[i]);
    }
    square = preset_sum_of_squares(writer, w, n);
    for (slong i = 0; i < n; i++)
        preset_metric(writer, i, i, square);

    if (!gnomonic)
        write_stereographic(writer, point, w, one, n);
    for (slong i = 0; i < n - 1 && gnomonic; i++)
        point[i] = preset_coordinate(writer, preset_name(writer, "z", i, n - 1), caustic_div(writer->pool, w[i], w[n - 1]), 0);
    if (gnomonic)
        point[n - 1] = one[0];
    for (slong i = 0; i < n; i++)
        preset_section(writer, i, point[i]);

    preset_say(writer, "Parameters: w in R^" WORD_FMT "d without 0. Group: w -> c w, c > 0. Inverse metric: |w|^2 I.", n);
    if (gnomonic)
        preset_say(writer, "Left out: w" WORD_FMT "d <= 0, the other half of the sphere, where the chart ends.", n);
    else
        preset_say(writer, "Left out: w = 0, which is infinitely far away, and the direction (0, ..., 0, -1), the one point of the sphere that"
            " the chart does not have.");
}

/* Layer normalisation ************************************************************************/

/* W = C + 1 r^T in polar coordinates of C: its length c, and r. */
static void
write_length_and_mean(preset_writer * writer, slong units, slong fan_in)
{
    caustic_expr c;

    preset_begin(writer, fan_in + 1, fan_in + 1, 0, 0);
    c = preset_parameter(writer, "c", 1);
    preset_metric(writer, 0, 0, caustic_power_si(writer->pool, c, 2));
    preset_generator(writer, 0, 0, c);
    preset_section(writer, 0, preset_integer(writer, 1));

    for (slong j = 1; j <= fan_in; j++)
    {
        preset_parameter(writer, preset_name(writer, "r", j - 1, fan_in), 0);
        preset_metric(writer, j, j, preset_integer(writer, 1));
        preset_generator(writer, j, j, preset_integer(writer, 1));
        preset_section(writer, j, preset_integer(writer, 0));
    }
    preset_sphere(writer, units * fan_in - fan_in - 1, 0);
    preset_say(writer, "Parameters: the weights W, " WORD_FMT "d x " WORD_FMT "d, as W = C + 1 r^T with the mean r of the rows, and C in polar coordinates:"
        " its length c, and its direction on the unit sphere. Group: c -> s c, s > 0, and r -> r + v. Inverse metric: |C|^2 I on C, which is"
        " c^2 and the round unit sphere, and the Euclidean one on r. Left out: C = 0, which is infinitely far away.", units, fan_in);
}

/* W = C + 1 r^T with the entries of C in an orthonormal basis of the columns of mean 0: C alone is as the weights of batch
   normalisation, and r is moved away. */
static void
write_centred_entries(preset_writer * writer, slong units, slong fan_in)
{
    slong contrasts = (units - 1) * fan_in;
    caustic_expr * c = preset_room(writer, contrasts), * one = preset_room(writer, contrasts), * point = preset_room(writer, contrasts);
    caustic_expr square;

    preset_begin(writer, units * fan_in, 1 + fan_in, 0, contrasts - 1);
    for (slong i = 0; i < contrasts; i++)
    {
        c[i] = preset_parameter(writer, preset_name(writer, "c", i, contrasts), 0);
        one[i] = preset_integer(writer, 1);
        preset_generator(writer, 0, i, c[i]);
    }
    square = preset_sum_of_squares(writer, c, contrasts);
    for (slong i = 0; i < contrasts; i++)
        preset_metric(writer, i, i, square);

    for (slong j = 0; j < fan_in; j++)
    {
        preset_parameter(writer, preset_name(writer, "r", j, fan_in), 0);
        preset_metric(writer, contrasts + j, contrasts + j, one[0]);
        preset_generator(writer, 1 + j, contrasts + j, one[0]);
        preset_section(writer, contrasts + j, preset_integer(writer, 0));
    }
    write_stereographic(writer, point, c, one, contrasts);
    for (slong i = 0; i < contrasts; i++)
        preset_section(writer, i, point[i]);

    preset_say(writer, "Parameters: the weights W, " WORD_FMT "d x " WORD_FMT "d, as W = C + 1 r^T with the mean r of the rows, and C by its entries c in"
        " an orthonormal basis of the columns of mean 0, row by row of those. Group: c -> s c, s > 0, and r -> r + v. Inverse metric: |C|^2 I on C, the Euclidean"
        " one on r. Left out: C = 0, which is infinitely far away, and the direction (0, ..., 0, -1) of c, the one point of the sphere that"
        " the chart does not have.", units, fan_in);
}

/* The columns of W written out, and what is known of C. */
typedef struct
{
    preset_writer * writer;
    slong m;
    slong n;
    preset_matrix w;
    caustic_expr * column_sum;
    caustic_expr * contrast; /* h_kj = w_1j + ... + w_kj - k w_(k+1)j, k = 1..m-1 */
    caustic_expr * weight;   /* |C|^2 m (m-1) is the sum of weight times square of the contrasts */
}
centred;

static void
declare_centred(centred * x)
{
    preset_writer * writer = x->writer;
    caustic_expr * term = preset_room(writer, x->m);

    x->w = matrix_new(writer, x->m, x->n);
    for (slong e = 0; e < x->m * x->n; e++)
        x->w.entry[e] = preset_parameter(writer, preset_entry_name(writer, "w", e / x->n, e % x->n, x->m, x->n), 0);

    x->column_sum = preset_room(writer, x->n);
    x->contrast = preset_room(writer, (x->m - 1) * x->n);
    x->weight = preset_room(writer, (x->m - 1) * x->n);

    for (slong j = 0; j < x->n; j++)
        for (slong k = 0; k < x->m; k++)
        {
            slong e = (k - 1) * x->n + j;

            term[k] = ENTRY(x->w, k, j);
            x->column_sum[j] = caustic_sum(writer->pool, term, k + 1);
            if (k == 0)
                continue;
            x->contrast[e] = caustic_sub(writer->pool, caustic_sum(writer->pool, term, k),
                caustic_mul(writer->pool, preset_integer(writer, k), term[k]));
            x->weight[e] = caustic_div(writer->pool, preset_integer(writer, x->m * (x->m - 1)), preset_integer(writer, k * (k + 1)));
        }
}

/* A = |C|^2 (I - J/m) (x) I + J (x) I, J the matrix of ones: the means r have length 1, and are orthogonal to C. */
static void
write_centred_metric(const centred * x)
{
    preset_writer * writer = x->writer;
    caustic_pool * pool = writer->pool;
    caustic_expr m = preset_integer(writer, x->m), one = preset_integer(writer, 1);
    caustic_expr means = caustic_div(pool, preset_sum_of_squares(writer, x->column_sum, x->n), m);
    caustic_expr square = caustic_sub(pool, preset_sum_of_squares(writer, x->w.entry, x->m * x->n), means);
    caustic_expr off = caustic_sub(pool, one, caustic_div(pool, square, m));
    caustic_expr diagonal = caustic_add(pool, off, square);

    for (slong j = 0; j < x->n; j++)
        for (slong i = 0; i < x->m; i++)
            for (slong k = 0; k <= i; k++)
                preset_metric(writer, i * x->n + j, k * x->n + j, i == k ? diagonal : off);
}

static void
write_centred_group(const centred * x)
{
    preset_writer * writer = x->writer;
    caustic_pool * pool = writer->pool;

    for (slong i = 0; i < x->m; i++)
        for (slong j = 0; j < x->n; j++)
        {
            slong a = i * x->n + j;

            preset_generator(writer, 0, a, caustic_sub(pool, x->w.entry[a],
                caustic_div(pool, x->column_sum[j], preset_integer(writer, x->m))));
            preset_generator(writer, 1 + j, a, preset_integer(writer, 1));
        }
}

/* The rows of mean 0 that have given contrasts: h_k is orthogonal to the others, with squared length k(k+1). */
static void
put_contrasts(const centred * x, const caustic_expr * h)
{
    preset_writer * writer = x->writer;
    caustic_pool * pool = writer->pool;
    caustic_expr * term = preset_room(writer, x->m);

    for (slong i = 0; i < x->m; i++)
        for (slong j = 0; j < x->n; j++)
        {
            for (slong k = 1; k < x->m; k++)
            {
                slong part = i < k ? 1 : i == k ? -k : 0;

                term[k - 1] = preset_times(writer, caustic_div(pool, preset_integer(writer, part), preset_integer(writer, k * (k + 1))),
                    h[(k - 1) * x->n + j]);
            }
            preset_section(writer, i * x->n + j, caustic_sum(pool, term, x->m - 1));
        }
}

void
write_layernorm(preset_writer * writer)
{
    centred x = { .writer = writer, .m = writer->option[0].integer, .n = writer->option[1].integer };
    slong contrasts = (x.m - 1) * x.n;
    caustic_expr * point;

    if (x.m == 1)
    {
        preset_refuse(writer, 0, "needs at least 2 units: one unit less its mean is 0");
        return;
    }
    if (contrasts == 1)
    {
        preset_refuse(writer, 1, "has two points for a quotient with 2 units of fan_in 1; give it 3 units, or a fan_in of 2");
        return;
    }
    if (contrasts > MIXED_CONTRASTS && contrasts <= STEREOGRAPHIC_LENGTH)
    {
        write_centred_entries(writer, x.m, x.n);
        return;
    }
    if (contrasts > STEREOGRAPHIC_LENGTH)
    {
        if (preset_fits(writer, 1, x.n + 1, PRESET_PARAMETERS))
            write_length_and_mean(writer, x.m, x.n);
        return;
    }

    preset_begin(writer, x.m * x.n, 1 + x.n, 0, contrasts - 1);
    declare_centred(&x);
    write_centred_metric(&x);
    write_centred_group(&x);
    point = preset_room(writer, contrasts);
    write_stereographic(writer, point, x.contrast, x.weight, contrasts);
    put_contrasts(&x, point);
    preset_say(writer, "Parameters: the weights W, " WORD_FMT "d x " WORD_FMT "d, W = C + 1 r^T with the mean r of the rows and C not 0."
        " Group: C -> c C, c > 0, and r -> r + v. Inverse metric: |C|^2 I on C, the Euclidean one on r."
        " Left out: C = 0, which is infinitely far away, and the one direction of C that the chart does not have: only the last contrast,"
        " the last entry of the sum of the other rows minus " WORD_FMT "d times the last row, differs from 0, and it is below 0.",
        x.m, x.n, x.m - 1);
}
