/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Permutations: the exchange of two indices along axes of arrays, all at once. Expressions are kept in one order, so
    the exchanged loss is the same node where the loss is symmetric as it is written.
*/

#include <string.h>
#include "symmetry/symmetry_internal.h"

#define AXES 8            /* of one length that are exchanged together: all subsets are tried */
#define PAIRS 30          /* parameters of which pairs are tried */
#define PERMUTATION_WORK 20000000 /* nodes times substitutions */

typedef struct
{
    const caustic_setting_struct * setting;
    caustic_expr loss;
    slong nodes;
    double work;
    caustic_expr * image;
}
exchange_struct;

static slong
index_of(const caustic_setting_struct * setting, caustic_expr parameter)
{
    for (slong b = 0; b < setting->parameters; b++)
        if (setting->parameter[b] == parameter)
            return b;
    return -1;
}

static int
same_domain(const caustic_interval_struct * a, const caustic_interval_struct * b)
{
    return a->lower_infinite == b->lower_infinite && a->upper_infinite == b->upper_infinite
        && (a->lower_infinite || (a->lower_closed == b->lower_closed && fmpq_equal(a->lower, b->lower)))
        && (a->upper_infinite || (a->upper_closed == b->upper_closed && fmpq_equal(a->upper, b->upper)));
}

static void
start(exchange_struct * x)
{
    memcpy(x->image, x->setting->parameter, (size_t) x->setting->parameters * sizeof(caustic_expr));
}

/* Counts one substitution; 0 where there were enough. */
static int
may_try(exchange_struct * x)
{
    x->work += (double) x->nodes + (double) x->setting->parameters * (double) x->setting->parameters;
    return x->work <= PERMUTATION_WORK;
}

/* Whether the images are a permutation of the parameters that keeps domains and loss. */
static int
keeps_loss(exchange_struct * x)
{
    const caustic_setting_struct * setting = x->setting;
    int moves = 0;

    for (slong b = 0; b < setting->parameters; b++)
    {
        slong other = index_of(setting, x->image[b]);

        /* an involution, so a permutation */
        if (other < 0 || x->image[other] != setting->parameter[b]
            || !same_domain(setting->parameter_domain + b, setting->parameter_domain + other))
            return 0;
        moves = moves || other != b;
    }
    return moves && caustic_substitute(setting->pool, x->loss, setting->parameter, x->image, setting->parameters) == x->loss;
}

static void
add_permutation(caustic_symmetries_t symmetries, const exchange_struct * x)
{
    memcpy(add_symmetry(symmetries, CAUSTIC_SYMMETRY_PERMUTATION), x->image,
        (size_t) x->setting->parameters * sizeof(caustic_expr));
}

/* Exchanges i and j along one axis of an array, after what is exchanged already. */
static void
exchange_axis(exchange_struct * x, const caustic_tensor_struct * array, slong axis, slong i, slong j)
{
    slong step = 1;
    caustic_expr * moved = flint_malloc((size_t) array->entries * sizeof(caustic_expr));
    slong * place = flint_malloc((size_t) array->entries * sizeof(slong));

    for (slong k = axis + 1; k < array->rank; k++)
        step *= array->shape[k];
    for (slong e = 0; e < array->entries; e++)
    {
        slong at = e / step % array->shape[axis], to = at == i ? j : at == j ? i : at;

        place[e] = index_of(x->setting, array->entry[e]);
        moved[e] = x->image[index_of(x->setting, array->entry[e + (to - at) * step])];
    }
    for (slong e = 0; e < array->entries; e++)
        x->image[place[e]] = moved[e];
    flint_free(moved);
    flint_free(place);
}

typedef struct
{
    const caustic_tensor_struct * array;
    slong axis;
}
axis_struct;

/* Exchanges i and j along the axes of a subset. */
static void
exchange(exchange_struct * x, const axis_struct * axis, slong axes, ulong subset, slong i, slong j)
{
    start(x);
    for (slong k = 0; k < axes; k++)
        if ((subset >> k) & 1)
            exchange_axis(x, axis[k].array, axis[k].axis, i, j);
}

static int
bits(ulong subset)
{
    int count = 0;

    for (; subset != 0; subset &= subset - 1)
        count++;
    return count;
}

/* All subsets of axes of one length, the smaller ones first; none that contains one that was found. Neighbours generate
   all permutations. */
static void
try_axes(caustic_symmetries_t symmetries, exchange_struct * x, const axis_struct * axis, slong axes, slong side)
{
    ulong found[1 << AXES];
    slong founds = 0;

    for (int size = 1; size <= axes; size++)
    {
        for (ulong subset = 1; subset < (UWORD(1) << axes); subset++)
        {
            int known = bits(subset) != size, any = 0;

            for (slong f = 0; f < founds; f++)
                known = known || (subset & found[f]) == found[f];
            for (slong i = 0; i + 1 < side && !known && may_try(x); i++)
            {
                exchange(x, axis, axes, subset, i, i + 1);
                if (keeps_loss(x))
                {
                    add_permutation(symmetries, x);
                    any = 1;
                }
            }
            if (any)
                found[founds++] = subset;
        }
    }
}

static void
try_pairs(caustic_symmetries_t symmetries, exchange_struct * x)
{
    const caustic_setting_struct * setting = x->setting;

    for (slong i = 0; i < setting->parameters && setting->parameters <= PAIRS; i++)
    {
        /* the next one it may be exchanged with: these transpositions generate all of them */
        for (slong j = i + 1; j < setting->parameters && may_try(x); j++)
        {
            start(x);
            x->image[i] = setting->parameter[j];
            x->image[j] = setting->parameter[i];
            if (keeps_loss(x))
            {
                add_permutation(symmetries, x);
                break;
            }
        }
    }
}

void
find_permutations(caustic_symmetries_t symmetries, const caustic_setting_t setting, caustic_expr loss,
    const caustic_network_name * arrays, slong length)
{
    exchange_struct x = {setting, loss, caustic_expr_nodes(setting->pool, loss), 0,
        flint_malloc((size_t) FLINT_MAX(setting->parameters, 1) * sizeof(caustic_expr))};
    slong longest = 0, has_axes = 0;

    for (slong a = 0; a < length; a++)
        for (slong k = 0; k < arrays[a].value.rank; k++)
            longest = FLINT_MAX(longest, arrays[a].value.shape[k]);
    for (slong side = 2; side <= longest; side++)
    {
        axis_struct axis[AXES];
        slong axes = 0;

        for (slong a = 0; a < length; a++)
            for (slong k = 0; k < arrays[a].value.rank; k++)
                if (arrays[a].value.shape[k] == side && axes < AXES)
                    axis[axes++] = (axis_struct) {&arrays[a].value, k};
        has_axes += axes;
        if (axes > 0)
            try_axes(symmetries, &x, axis, axes, side);
    }
    if (has_axes == 0)
        try_pairs(symmetries, &x);
    flint_free(x.image);
}
