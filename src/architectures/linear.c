/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Products of matrices, W_L ... W_1, under GL(h) for each hidden layer: W_l -> C W_l,
    W_(l+1) -> W_(l+1) C^-1. Deep linear networks, and attention heads, whose two factors are
    W_2 = W_Q and W_1 = W_K^T.

    Seen from the input a hidden layer is P_l = W_l ... W_1, seen from the output Q_l = W_L ... W_(l+1):
    C moves them to C P_l and Q_l C^-1. So P_l P_l^T and (Q_l^T Q_l)^-1 are both inverse metrics of the layer
    that move as an inverse metric should, where they are invertible: P_l where no layer before l is
    narrower than l, Q_l where none after l is. With such an X_l for W_l and such a Y_l for W_(l+1), Y_l being
    the inverse of one,

        <dW_l(i,j), dW_l(k,m)> = X_l(i,k) Y_(l-1)(j,m)

    is invariant. Where a hidden layer is wider than a layer before it and than one after it there is no
    invariant metric at all: the matrices C = 1 + X with X P_l = 0 and Q_l X = 0 move nothing, and they are not
    bounded. Otherwise widths fall to their least, r, and rise again.
*/

#include "preset.h"
#include "linear.h"

enum { INPUT, OUTPUT }; /* the sides from which a hidden layer is seen */
enum { NOT_NEEDED, RANK_NEEDED, LEADING_NEEDED }; /* of P_l and Q_l on the stratum */

typedef struct
{
    preset_writer * writer;
    const linear_factors * given;
    slong layers;
    const slong * width;
    slong least;                                /* r */
    slong blocked;                              /* a hidden layer that is too wide; 0 for none */
    slong valley;                               /* layers up to it are fixed by P_l, those after it by Q_l */
    int complete;                               /* the end-to-end matrix is a complete invariant */
    preset_matrix seen[PRESET_LAYERS + 1][2];   /* P_l, Q_l */
    int needed[PRESET_LAYERS + 1][2];
    preset_matrix product;                      /* W_L ... W_1 */
    preset_matrix coordinate;                   /* its entries' coordinates, where the chart has them */
}
chain;

/* Widths *************************************************************************************/

/* Whether P_l (INPUT) or Q_l (OUTPUT) has rank h_l somewhere. */
static int
can_be_seen(const chain * c, slong l, int side)
{
    int answer = 1;

    for (slong k = side == INPUT ? 0 : l; k <= (side == INPUT ? l : c->layers) && answer; k++)
        answer = c->width[k] >= c->width[l];

    return answer;
}

static void
read_widths(chain * c)
{
    slong ends[2] = { c->width[0], c->width[c->layers] };

    c->least = c->width[0];
    for (slong l = 1; l <= c->layers; l++)
        c->least = FLINT_MIN(c->least, c->width[l]);

    c->blocked = 0;
    c->complete = 1;
    c->valley = 0;
    for (slong l = 1; l < c->layers; l++)
    {
        if (!can_be_seen(c, l, INPUT) && !can_be_seen(c, l, OUTPUT))
            c->blocked = l;
        if (can_be_seen(c, l, INPUT) && (!can_be_seen(c, l, OUTPUT) || c->width[l] < c->width[c->layers]))
            c->valley = l;
        /* Other widths leave more behind than W_L ... W_1: which subspaces the layers pass on. */
        if (c->width[l] != c->least && !(c->width[l] == ends[0] && can_be_seen(c, l, INPUT))
                && !(c->width[l] == ends[1] && can_be_seen(c, l, OUTPUT)))
            c->complete = 0;
    }
    c->complete |= c->blocked > 0;
}

/* The nearer end is looked at first, which keeps degrees low. A single hidden layer is measured from the input for
   W_1 and from the output for W_2, which needs no inverse; it is then the same for both ends. */
static int
side_of_incoming(const chain * c, slong l)
{
    int preferred = c->layers == 2 || 2 * l < c->layers ? INPUT : OUTPUT;

    return can_be_seen(c, l, preferred) ? preferred : !preferred;
}

static int
side_of_outgoing(const chain * c, slong l)
{
    int preferred = 2 * l < c->layers ? INPUT : OUTPUT;

    return can_be_seen(c, l, preferred) ? preferred : !preferred;
}

/* Whether the chart of the end-to-end matrix needs its leading r x r block. */
static int
has_leading_chart(const chain * c)
{
    return c->complete && c->least < c->width[0] && c->least < c->width[c->layers];
}

/* Metric *************************************************************************************/

static void
need(chain * c, slong l, int side, int how)
{
    c->needed[l][side] = FLINT_MAX(c->needed[l][side], how);
}

/* A view with at most as many rows as columns. */
static preset_matrix
wide_view(const chain * c, slong l, int side)
{
    return side == INPUT ? c->seen[l][INPUT] : matrix_transpose(c->writer, c->seen[l][OUTPUT]);
}

static preset_matrix
gram(const chain * c, slong l, int side)
{
    preset_matrix view = wide_view(c, l, side);

    return matrix_product(c->writer, view, matrix_transpose(c->writer, view));
}

static preset_matrix
inverse_gram(const chain * c, slong l, int side)
{
    return matrix_over(c->writer, matrix_adjugate(c->writer, gram(c, l, side)),
        matrix_gram_determinant(c->writer, wide_view(c, l, side)));
}

/* X_l, the inverse metric of the layer that W_l leads to. */
static preset_matrix
incoming_metric(const chain * c, slong l)
{
    if (l == c->layers || c->blocked)
        return matrix_identity(c->writer, c->width[l]);

    return side_of_incoming(c, l) == INPUT ? gram(c, l, INPUT) : inverse_gram(c, l, OUTPUT);
}

/* Y_l, the metric of the layer from which W_(l+1) leads. */
static preset_matrix
outgoing_metric(const chain * c, slong l)
{
    if (l == 0 || c->blocked)
        return matrix_identity(c->writer, c->width[l]);

    return side_of_outgoing(c, l) == OUTPUT ? gram(c, l, OUTPUT) : inverse_gram(c, l, INPUT);
}

static void
write_metric(chain * c)
{
    for (slong l = 1; l <= c->layers; l++)
    {
        preset_matrix x = incoming_metric(c, l), y = outgoing_metric(c, l - 1);
        slong rows = c->width[l], columns = c->width[l - 1];

        for (slong e = 0; e < rows * columns; e++)
            for (slong f = 0; f <= e; f++)
                preset_metric(c->writer, c->given->index[l][e], c->given->index[l][f],
                    preset_times(c->writer, ENTRY(x, e / columns, f / columns), ENTRY(y, e % columns, f % columns)));
    }
}

/* Group **************************************************************************************/

/* C = 1 + epsilon E_ab. */
static void
write_generator(chain * c, slong generator, slong l, slong a, slong b)
{
    const linear_factors * given = c->given;
    slong before = c->width[l - 1], here = c->width[l], after = c->width[l + 1];

    for (slong j = 0; j < before; j++)
        preset_generator(c->writer, generator, given->index[l][a * before + j], ENTRY(given->weight[l], b, j));

    for (slong i = 0; i < after; i++)
        preset_generator(c->writer, generator, given->index[l + 1][i * here + b],
            caustic_neg(c->writer->pool, ENTRY(given->weight[l + 1], i, a)));
}

/* C = diag(-1, 1, ..., 1). */
static void
write_reflection(chain * c, slong l)
{
    const linear_factors * given = c->given;
    slong before = c->width[l - 1], here = c->width[l], after = c->width[l + 1];

    for (slong j = 0; j < before; j++)
        preset_element(c->writer, l - 1, given->index[l][j], caustic_neg(c->writer->pool, ENTRY(given->weight[l], 0, j)));

    for (slong i = 0; i < after; i++)
        preset_element(c->writer, l - 1, given->index[l + 1][i * here],
            caustic_neg(c->writer->pool, ENTRY(given->weight[l + 1], i, 0)));
}

static void
write_group(chain * c)
{
    slong generator = 0;

    for (slong l = 1; l < c->layers; l++)
    {
        for (slong a = 0; a < c->width[l]; a++)
            for (slong b = 0; b < c->width[l]; b++)
                write_generator(c, generator++, l, a, b);
        write_reflection(c, l);
    }
}

/* The end-to-end matrix **********************************************************************/

static slong
rank_dimension(const chain * c)
{
    return c->least * (c->width[0] + c->width[c->layers] - c->least);
}

static void
declare_entries(chain * c, slong rows, slong columns, int cross)
{
    preset_writer * writer = c->writer;
    slong all = c->width[c->layers], across = c->width[0];

    c->coordinate = matrix_new(writer, all, across);
    for (slong i = 0; i < rows; i++)
        for (slong j = 0; j < columns; j++)
            if (!cross || i < c->least || j < c->least)
                ENTRY(c->coordinate, i, j) = preset_coordinate(writer, writer->setting->coordinates == 1 ? "z"
                    : preset_entry_name(writer, "m", i, j, all, across), ENTRY(c->product, i, j), 0);
}

static void
put_weight(chain * c, slong l, preset_matrix value)
{
    for (slong e = 0; e < value.rows * value.columns; e++)
        preset_section(c->writer, c->given->index[l][e], value.entry[e]);
}

/* Ones on the diagonal. */
static preset_matrix
embedding(chain * c, slong rows, slong columns)
{
    preset_matrix a = matrix_new(c->writer, rows, columns);

    for (slong i = 0; i < FLINT_MIN(rows, columns); i++)
        ENTRY(a, i, i) = preset_integer(c->writer, 1);

    return a;
}

/* M = left right with left p x r and right r x n: one of them 1 where M has full rank; else the first r columns of M
   and, beside 1, what they have to be combined with to give the others. */
static void
factor_product(chain * c, preset_matrix * left, preset_matrix * right)
{
    preset_writer * writer = c->writer;
    preset_matrix m = c->coordinate, corner, mixed;
    slong p = m.rows, n = m.columns, r = c->least;

    if (r == n || r == p)
    {
        *left = r == n ? m : matrix_identity(writer, r);
        *right = r == n ? matrix_identity(writer, r) : m;
        return;
    }
    corner = matrix_block(writer, m, 0, 0, r, r);
    mixed = matrix_over(writer, matrix_product(writer, matrix_adjugate(writer, corner), matrix_block(writer, m, 0, r, r, n - r)),
        matrix_determinant(writer, corner));
    *left = matrix_block(writer, m, 0, 0, p, r);
    *right = embedding(c, r, n);
    for (slong i = 0; i < r; i++)
        for (slong j = 0; j < n - r; j++)
            ENTRY(*right, i, r + j) = ENTRY(mixed, i, j);
}

/* All layers pass on what they get, but for the first that narrows to r, which is the right factor of M, and the
   last that widens from r, which is the left one. */
static void
write_complete_chart(chain * c)
{
    slong r = c->least, first = 1, last = c->layers;
    preset_matrix left, right;

    declare_entries(c, c->width[c->layers], c->width[0], has_leading_chart(c));
    factor_product(c, &left, &right);

    if (!c->blocked)
    {
        while (first < c->layers && c->width[first] != r)
            first++;
        while (last > 1 && c->width[last - 1] != r)
            last--;
    }
    for (slong l = 1; l <= c->layers; l++)
    {
        slong rows = c->width[l], columns = c->width[l - 1];
        preset_matrix value = embedding(c, rows, columns);
        int takes_right = l == first && r < c->width[0], takes_left = l == last && r == c->width[0];

        if (r < c->width[0] && r < c->width[c->layers])
            takes_left = l == last;
        if (takes_right)
            value = matrix_product(c->writer, embedding(c, rows, r), right);
        if (takes_left)
            value = matrix_product(c->writer, left, embedding(c, r, columns));
        put_weight(c, l, value);
    }
}

/* Views **************************************************************************************/

/* Where M is not complete: C_l takes the leading block of P_l (up to the valley) or of Q_l (after it) to 1, and
   what is left of the weights then is invariant. Up to the valley that is (1 | X), X = B^-1 R with B the leading
   block of P_l and R the columns behind it that layer l-1 has; after it (1 over Y); and at the valley itself the
   leading block of M. */
static void
write_fixed_weight(chain * c, slong l, slong * number, slong frames)
{
    preset_writer * writer = c->writer;
    slong rows = c->width[l], columns = c->width[l - 1], h = FLINT_MIN(rows, columns);
    int narrows = l <= c->valley;
    preset_matrix value = embedding(c, rows, columns), frame;
    preset_matrix view = narrows ? c->seen[l][INPUT] : matrix_transpose(writer, c->seen[l - 1][OUTPUT]);
    slong more = narrows ? columns - h : rows - h;
    preset_matrix corner = matrix_block(writer, view, 0, 0, h, h);

    if (more > 0)
    {
        frame = matrix_over(writer, matrix_product(writer, matrix_adjugate(writer, corner),
            matrix_block(writer, view, 0, h, h, more)), matrix_determinant(writer, corner));
        for (slong i = 0; i < h; i++)
            for (slong j = 0; j < more; j++)
            {
                caustic_expr z = preset_coordinate(writer, preset_name(writer, "z", (*number)++, frames), ENTRY(frame, i, j), 0);

                if (narrows)
                    ENTRY(value, i, h + j) = z;
                else
                    ENTRY(value, h + j, i) = z;
            }
    }
    put_weight(c, l, value);
}

static void
write_framed_chart(chain * c)
{
    slong rows = c->width[c->valley + 1], columns = c->width[c->valley], number = 0;
    slong frames = c->writer->setting->coordinates - rows * columns;

    declare_entries(c, rows, columns, 0);
    for (slong l = 1; l <= c->layers; l++)
        if (l != c->valley + 1)
            write_fixed_weight(c, l, &number, frames);
        else
            put_weight(c, l, matrix_block(c->writer, c->coordinate, 0, 0, rows, columns));
}

/* Stratum ************************************************************************************/

static void
collect_needs(chain * c)
{
    for (slong l = 1; l < c->layers && !c->blocked; l++)
    {
        int leading = has_leading_chart(c) && c->width[l] == c->least ? LEADING_NEEDED : RANK_NEEDED;

        need(c, l, side_of_incoming(c, l), leading);
        need(c, l, side_of_outgoing(c, l), leading);
        if (!c->complete)
            need(c, l, l <= c->valley ? INPUT : OUTPUT, LEADING_NEEDED);
        else if (leading == LEADING_NEEDED)
        {
            need(c, l, INPUT, leading);
            need(c, l, OUTPUT, leading);
        }
        if (c->complete && c->width[l] == c->width[0] && can_be_seen(c, l, INPUT))
            need(c, l, INPUT, RANK_NEEDED);
        if (c->complete && c->width[l] == c->width[c->layers] && can_be_seen(c, l, OUTPUT))
            need(c, l, OUTPUT, RANK_NEEDED);
    }
}

/* A matrix has full rank where its Gram determinant is not 0, and certainly where its leading block is regular. The
   former is said as well then, because the metric may divide by it. */
static void
stratum_of_rank(chain * c, preset_matrix a, int how)
{
    preset_writer * writer = c->writer;
    preset_matrix view = a.rows <= a.columns ? a : matrix_transpose(writer, a);
    slong h = view.rows;

    if (how == LEADING_NEEDED || view.columns == h)
        preset_stratum(writer, matrix_determinant(writer, matrix_block(writer, view, 0, 0, h, h)));
    if (view.columns > h && (how == RANK_NEEDED || c->layers > 2 || !c->complete))
        preset_stratum(writer, matrix_gram_determinant(writer, view));
}

static void
write_stratum(chain * c)
{
    preset_writer * writer = c->writer;

    for (slong l = 1; l <= c->layers && c->blocked; l++)
        stratum_of_rank(c, c->given->weight[l], RANK_NEEDED);
    if (c->blocked)
        stratum_of_rank(c, has_leading_chart(c) ? matrix_block(writer, c->product, 0, 0, c->least, c->least) : c->product, RANK_NEEDED);

    for (slong l = 1; l < c->layers; l++)
        for (int side = INPUT; side <= OUTPUT; side++)
            if (c->needed[l][side] != NOT_NEEDED)
                stratum_of_rank(c, c->seen[l][side], c->needed[l][side]);
}

/* What has been said so far are the parameters. */
static void
say_the_rest(chain * c)
{
    preset_writer * writer = c->writer;

    preset_say(writer, "Group: GL(h) for each hidden layer of width h, W_l -> C W_l and W_(l+1) -> W_(l+1) C^-1; its second component is"
        " reached by a reflection.");
    if (c->blocked)
    {
        preset_say(writer, "Left out: where a weight matrix or their product loses rank. There is no invariant metric: hidden layer " WORD_FMT "d is wider than a layer before it and than one after it, so"
            " that an unbounded group of its matrices C moves nothing. Written is the Euclidean metric, which the group does not preserve.",
            c->blocked);
        return;
    }
    preset_say(writer, "Inverse metric: on W_l that of the layer it leads to times the inverse of that of the layer it comes from,"
        " which for a hidden layer is P P^T or the inverse of Q^T Q, with P the product of the weights up to the layer and Q that of the"
        " weights after it.");
    if (has_leading_chart(c) || !c->complete)
        preset_say(writer, "Left out: where P or Q loses rank, or a leading block that the coordinates need is singular.");
    else
        preset_say(writer, "Left out: where P or Q loses rank.");
}

/* All together *******************************************************************************/

static void
look_from_both_ends(chain * c)
{
    const linear_factors * given = c->given;

    c->seen[1][INPUT] = given->weight[1];
    for (slong l = 2; l <= c->layers; l++)
        c->seen[l][INPUT] = matrix_product(c->writer, given->weight[l], c->seen[l - 1][INPUT]);

    c->seen[c->layers - 1][OUTPUT] = given->weight[c->layers];
    for (slong l = c->layers - 2; l >= 1; l--)
        c->seen[l][OUTPUT] = matrix_product(c->writer, c->seen[l + 1][OUTPUT], given->weight[l + 1]);

    c->product = c->seen[c->layers][INPUT];
}

/* The determinants that will be written. */
static int
minors_fit(chain * c, slong option)
{
    slong widest = 0;

    for (slong l = 1; l < c->layers && !c->blocked; l++)
        widest = FLINT_MAX(widest, c->width[l]);

    for (slong l = 1; l <= c->layers && c->blocked; l++)
        widest = FLINT_MAX(widest, FLINT_MIN(c->width[l], c->width[l - 1]));

    if (widest > PRESET_MINOR)
        preset_refuse(c->writer, option, "can be written out for determinants of up to %d rows; here one has " WORD_FMT "d",
            PRESET_MINOR, widest);

    return widest <= PRESET_MINOR;
}

int
linear_begin(preset_writer * writer, slong option, const slong * width, slong layers)
{
    chain c = { .writer = writer, .layers = layers, .width = width };
    slong parameters = 0, group = 0;

    read_widths(&c);
    for (slong l = 1; l <= layers; l++)
    {
        parameters += width[l] * width[l - 1];
        group += l < layers ? width[l] * width[l] : 0;
    }
    if (!preset_fits(writer, option, parameters, PRESET_PARAMETERS) || !minors_fit(&c, option))
        return 0;

    preset_begin(writer, parameters, group, layers - 1, c.complete ? rank_dimension(&c) : parameters - group);
    return 1;
}

void
linear_finish(preset_writer * writer, const linear_factors * given)
{
    chain c = { .writer = writer, .given = given, .layers = given->layers, .width = given->width };

    read_widths(&c);
    look_from_both_ends(&c);
    write_metric(&c);
    write_group(&c);
    if (c.complete)
        write_complete_chart(&c);
    else
        write_framed_chart(&c);
    collect_needs(&c);
    write_stratum(&c);
    say_the_rest(&c);
}

void
write_linear_network(preset_writer * writer)
{
    linear_factors given = { .layers = writer->option[0].length - 1, .width = writer->option[0].list };
    slong a = 0;

    if (!linear_begin(writer, 0, given.width, given.layers))
        return;

    for (slong l = 1; l <= given.layers; l++)
    {
        slong rows = given.width[l], columns = given.width[l - 1];
        const char letter[2] = { PRESET_LETTERS[l - 1], 0 };

        given.weight[l] = matrix_new(writer, rows, columns);
        given.index[l] = preset_numbers(writer, rows * columns);
        for (slong e = 0; e < rows * columns; e++)
        {
            given.weight[l].entry[e] = preset_parameter(writer,
                preset_entry_name(writer, letter, e / columns, e % columns, rows, columns), 0);
            given.index[l][e] = a++;
        }
    }
    preset_say(writer, "Parameters: the weight matrices of all layers, W_1 with entries a11, a12, ..., W_2 with b11, ..., and so on.");
    linear_finish(writer, &given);
}
