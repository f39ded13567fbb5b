/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Attention heads. The query and key weights act through W_Q W_K^T alone, the value and output weights
    through W_V W_O, so that GL(k) may stand between them; rotary embeddings leave of it the rotations
    and rescalings of each pair of columns.
*/

#include "linear.h"

enum { MODEL, HEAD, PRODUCT, HEADS, ROTARY };
enum { QUERY_KEY, VALUE_OUTPUT };

/* One positive number on each side: of the scalar head in full, of a head of rank one with unit vectors beside. */
static void
write_two_lengths(preset_writer * writer, const char * left, const char * right)
{
    caustic_expr q, k;

    preset_begin(writer, 2, 1, 0, 1);
    q = preset_parameter(writer, left, 1);
    k = preset_parameter(writer, right, 1);
    preset_metric(writer, 0, 0, caustic_power_si(writer->pool, q, 2));
    preset_metric(writer, 1, 1, caustic_power_si(writer->pool, k, 2));
    preset_generator(writer, 0, 0, q);
    preset_generator(writer, 0, 1, caustic_neg(writer->pool, k));
    preset_section(writer, 0, preset_integer(writer, 1));
    preset_section(writer, 1, preset_coordinate(writer, "z", caustic_mul(writer->pool, q, k), 1));
}

static void
write_rank_one(preset_writer * writer, slong model, const char * left, const char * right)
{
    write_two_lengths(writer, left, right);
    if (model == 1)
    {
        preset_say(writer, "Parameters: %s > 0 and %s > 0. Group: (%s, %s) -> (c %s, %s/c), c > 0. Inverse metric: %s^2, %s^2."
            " Left out: other signs and zeros; a zero is infinitely far away, so signs never mix.",
            left, right, left, right, left, right, left, right);
        return;
    }
    preset_sphere(writer, model - 1, 0);
    preset_sphere(writer, model - 1, 1);
    preset_say(writer, "Parameters: two vectors in R^" WORD_FMT "d without 0 in polar coordinates: their lengths %s and %s, and their directions"
        " on unit spheres. Group: (%s, %s) -> (c %s, %s/c), c > 0, which leaves directions in place; and the reflection, which takes"
        " both directions to their opposites: an isometry of the spheres that moves every point, so that the equations are those of"
        " the double cover written here. Inverse metric: |x|^2 I on a vector x, which is the square of its length and the"
        " round unit sphere. Left out: zero vectors; they are infinitely far away.", model, left, right, left, right, left, right);
}

/* W_2 = W_Q (or W_V), d x k, and W_1 = W_K^T (or W_O), k x d. */
static void
write_head(preset_writer * writer, slong model, slong head, int product)
{
    const slong width[3] = { model, head, model };
    linear_factors given = { .layers = 2, .width = width };

    if (!linear_begin(writer, MODEL, width, 2))
        return;

    given.weight[2] = matrix_new(writer, model, head);
    given.weight[1] = matrix_new(writer, head, model);
    given.index[2] = preset_numbers(writer, model * head);
    given.index[1] = preset_numbers(writer, model * head);

    for (slong e = 0; e < model * head; e++)
    {
        given.weight[2].entry[e] = preset_parameter(writer, preset_entry_name(writer, product == QUERY_KEY ? "q" : "v",
            e / head, e % head, model, head), 0);
        given.index[2][e] = e;
    }
    for (slong e = 0; e < model * head; e++)
    {
        /* keys are listed row by row of W_K, outputs row by row of W_O */
        slong i = product == QUERY_KEY ? e % head : e / model, j = product == QUERY_KEY ? e / head : e % model;

        ENTRY(given.weight[1], i, j) = preset_parameter(writer, product == QUERY_KEY
            ? preset_entry_name(writer, "k", j, i, model, head) : preset_entry_name(writer, "o", i, j, head, model), 0);
        given.index[1][i * model + j] = model * head + e;
    }
    if (product == QUERY_KEY)
        preset_say(writer, "Parameters: the query and key weights W_Q and W_K, " WORD_FMT "d x " WORD_FMT "d. W_2 = W_Q and W_1 = W_K^T.",
            model, head);
    else
        preset_say(writer, "Parameters: the value and output weights W_V, " WORD_FMT "d x " WORD_FMT "d, and W_O, " WORD_FMT "d x " WORD_FMT "d."
            " W_2 = W_V and W_1 = W_O.", model, head, head, model);
    linear_finish(writer, &given);
}

/* Rotary embeddings **************************************************************************/

/* The columns 2p and 2p+1 of W_Q and of W_K as two vectors q, k of complex numbers. What commutes with the
   rotations of the pair are the complex numbers c: (q, k) -> (c q, k/conj(c)), so that q k^* is invariant: a complex
   matrix of rank one, which its first row and its first column give. */
typedef struct
{
    preset_writer * writer;
    slong model;
    slong head;
    caustic_expr * symbol; /* all parameters, those of W_Q first, row by row */
}
rotary_head;

static slong
number_of(const rotary_head * x, int key, slong i, slong column)
{
    return (key ? x->model * x->head : 0) + i * x->head + column;
}

static caustic_expr
square_of_column_pair(const rotary_head * x, int key, slong pair, slong rows)
{
    caustic_expr * entry = preset_room(x->writer, 2 * rows);

    for (slong e = 0; e < 2 * rows; e++)
        entry[e] = x->symbol[number_of(x, key, e / 2, 2 * pair + e % 2)];

    return preset_sum_of_squares(x->writer, entry, 2 * rows);
}

static void
write_pair_metric_and_group(const rotary_head * x, slong pair)
{
    preset_writer * writer = x->writer;

    for (int key = 0; key <= 1; key++)
    {
        caustic_expr square = square_of_column_pair(x, key, pair, x->model);

        for (slong i = 0; i < x->model; i++)
        {
            slong re = number_of(x, key, i, 2 * pair), im = re + 1;

            preset_metric(writer, re, re, square);
            preset_metric(writer, im, im, square);
            preset_generator(writer, 2 * pair, re, key ? caustic_neg(writer->pool, x->symbol[re]) : x->symbol[re]);
            preset_generator(writer, 2 * pair, im, key ? caustic_neg(writer->pool, x->symbol[im]) : x->symbol[im]);
            preset_generator(writer, 2 * pair + 1, re, caustic_neg(writer->pool, x->symbol[im]));
            preset_generator(writer, 2 * pair + 1, im, x->symbol[re]);
        }
        preset_stratum(writer, square_of_column_pair(x, key, pair, 1));
    }
}

typedef struct
{
    caustic_expr re;
    caustic_expr im;
}
complex_expr;

/* q_i conj(k_j). */
static complex_expr
product_entry(const rotary_head * x, slong pair, slong i, slong j)
{
    caustic_pool * pool = x->writer->pool;
    const caustic_expr * q = x->symbol + number_of(x, 0, i, 2 * pair), * k = x->symbol + number_of(x, 1, j, 2 * pair);
    complex_expr m;

    m.re = caustic_add(pool, caustic_mul(pool, q[0], k[0]), caustic_mul(pool, q[1], k[1]));
    m.im = caustic_sub(pool, caustic_mul(pool, q[1], k[0]), caustic_mul(pool, q[0], k[1]));
    return m;
}

/* The coordinates of an entry, the next two. */
static complex_expr
declare_entry(const rotary_head * x, slong pair, slong i, slong j)
{
    preset_writer * writer = x->writer;
    slong all = writer->setting->coordinates;
    complex_expr m = product_entry(x, pair, i, j), z;

    z.re = preset_coordinate(writer, preset_name(writer, "z", writer->coordinates, all), m.re, 0);
    z.im = preset_coordinate(writer, preset_name(writer, "z", writer->coordinates, all), m.im, 0);
    return z;
}

static void
put_complex(const rotary_head * x, slong a, caustic_expr re, caustic_expr im)
{
    preset_section(x->writer, a, re);
    preset_section(x->writer, a + 1, im);
}

/* On the section the first key is 1: q_i is the entry (i,1), and k_j is the conjugate of the entry (1,j) over the first. */
static void
write_pair_chart(const rotary_head * x, slong pair)
{
    preset_writer * writer = x->writer;
    caustic_pool * pool = writer->pool;
    complex_expr first = declare_entry(x, pair, 0, 0);
    caustic_expr parts[2], square;

    parts[0] = first.re;
    parts[1] = first.im;
    square = preset_sum_of_squares(writer, parts, 2);
    put_complex(x, number_of(x, 0, 0, 2 * pair), first.re, first.im);
    put_complex(x, number_of(x, 1, 0, 2 * pair), preset_integer(writer, 1), preset_integer(writer, 0));

    for (slong j = 1; j < x->model; j++)
    {
        complex_expr z = declare_entry(x, pair, 0, j);

        put_complex(x, number_of(x, 1, j, 2 * pair),
            caustic_div(pool, caustic_add(pool, caustic_mul(pool, z.re, first.re), caustic_mul(pool, z.im, first.im)), square),
            caustic_div(pool, caustic_sub(pool, caustic_mul(pool, z.re, first.im), caustic_mul(pool, z.im, first.re)), square));
    }
    for (slong i = 1; i < x->model; i++)
    {
        complex_expr z = declare_entry(x, pair, i, 0);

        put_complex(x, number_of(x, 0, i, 2 * pair), z.re, z.im);
    }
}

static void
write_rotary_head(preset_writer * writer, slong model, slong head)
{
    slong n = 2 * model * head;
    rotary_head x = { writer, model, head, NULL };

    if (head % 2 != 0)
        preset_refuse(writer, HEAD, "with rotary embeddings needs an even head, two columns a pair; found " WORD_FMT "d", head);
    else if (writer->option[PRODUCT].integer != QUERY_KEY)
        preset_refuse(writer, PRODUCT, "has rotary embeddings on queries and keys alone: with rotary: true, product must be qk");
    else if (preset_fits(writer, MODEL, n, PRESET_PARAMETERS))
    {
        x.symbol = preset_room(writer, n);
        preset_begin(writer, n, head, 0, n - head);
        for (slong a = 0; a < n; a++)
            x.symbol[a] = preset_parameter(writer, preset_entry_name(writer, a < n / 2 ? "q" : "k",
                a % (n / 2) / head, a % head, model, head), 0);

        for (slong pair = 0; pair < head / 2; pair++)
        {
            write_pair_metric_and_group(&x, pair);
            write_pair_chart(&x, pair);
        }
        preset_say(writer, "Parameters: the query and key weights W_Q and W_K, " WORD_FMT "d x " WORD_FMT "d. Group: for each pair of columns"
            " that is rotated with the position, the rotations and rescalings that commute with it: (Q, K) -> (c Q, K/conj(c)) with"
            " the two columns as one of complex numbers and c a complex number without 0. Inverse metric: |Q|^2 I, |K|^2 I on the columns of"
            " a pair. Left out: where a pair's first row in W_Q or in W_K is 0. Coordinates: real and imaginary parts of the first row and then"
            " the rest of the first column of Q conj(K)^T, pair by pair.", model, head);
    }
}

void
write_attention(preset_writer * writer)
{
    slong model = writer->option[MODEL].integer, head = writer->option[HEAD].integer;
    int product = (int) writer->option[PRODUCT].integer;

    if (head > model)
        preset_refuse(writer, HEAD, "needs a head that is at most the model, " WORD_FMT "d; found " WORD_FMT "d", model, head);
    else if (writer->option[ROTARY].integer)
        write_rotary_head(writer, model, head);
    else if (head == 1 && (model == 1 || 2 * model > PRESET_WRITTEN_OUT))
        write_rank_one(writer, model, product == QUERY_KEY ? "q" : "v", product == QUERY_KEY ? "k" : "o");
    else
        write_head(writer, model, head, product);

    if (writer->result == CAUSTIC_OK)
        preset_copies(writer, writer->option[HEADS].integer, "heads");
}
