/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    The values of a parameter at which a setting is none, because its metric degenerates there, and the
    families between them.
*/

#include <string.h>
#include <flint/fmpq_vec.h>
#include <caustic/family.h>

#define GAPS CAUSTIC_FAMILIES_GAPS
#define BISECTIONS 40

typedef struct
{
    caustic_families_struct * families;
    const caustic_setting_struct * setting;
    caustic_expr symbol;
}
split_struct;

static int
is_reduced(const split_struct * split, const caustic_interval_t range)
{
    caustic_family_t family;
    int reduced;

    caustic_family_init(family, split->setting, &split->symbol, range, 1);
    reduced = family->reduced;
    caustic_family_clear(family);
    return reduced;
}

/* The part of the interval up to x. */
static int
part_is_reduced(const split_struct * split, const caustic_interval_t range, const fmpq_t x, int closed)
{
    caustic_interval_t part;
    int reduced;

    caustic_interval_init(part);
    caustic_interval_set(part, range);
    fmpq_set(part->upper, x);
    part->upper_closed = closed;
    reduced = fmpq_cmp(part->lower, part->upper) < 0 && is_reduced(split, part);
    caustic_interval_clear(part);
    return reduced;
}

static void
add_family(split_struct * split, const caustic_interval_t range)
{
    caustic_families_struct * families = split->families;

    caustic_family_init(families->family + families->length++, split->setting, &split->symbol, range, 1);
}

static caustic_expr
at_number(const split_struct * split, caustic_expr e, caustic_expr number, int * defined)
{
    caustic_expr at = e == CAUSTIC_NONE ? e : caustic_substitute(split->setting->pool, e, &split->symbol, &number, 1);

    *defined = *defined && (at == CAUSTIC_NONE) == (e == CAUSTIC_NONE);
    return at;
}

/* The setting with a number for the parameter; 0: an expression is not defined there. */
static int
setting_at(caustic_setting_t at, const split_struct * split, const fmpq_t q)
{
    const caustic_setting_struct * from = split->setting;
    caustic_expr number = caustic_number(from->pool, q);
    slong n = from->parameters, i;
    int defined = 1;

    caustic_setting_init(at, from->pool);
    caustic_setting_allocate(at, n, from->generators, from->elements, 1);
    for (i = 0; i < n * n; i++)
        at->inverse_metric[i] = at_number(split, from->inverse_metric[i], number, &defined);
    for (i = 0; i < from->generators * n; i++)
        at->generator[i] = at_number(split, from->generator[i], number, &defined);
    for (i = 0; i < from->elements * n; i++)
        at->element[i] = at_number(split, from->element[i], number, &defined);
    for (i = 0; i < n; i++)
    {
        at->parameter[i] = from->parameter[i];
        at->section[i] = at_number(split, from->section[i], number, &defined);
        caustic_interval_set(at->parameter_domain + i, from->parameter_domain + i);
    }
    at->coordinate[0] = from->coordinate[0];
    at->invariant[0] = from->invariant[0];
    caustic_interval_set(at->coordinate_domain, from->coordinate_domain);
    at->strata = from->strata;
    at->stratum = flint_calloc((size_t) from->strata + 1, sizeof(caustic_expr));
    for (i = 0; i < from->strata; i++)
        at->stratum[i] = at_number(split, from->stratum[i], number, &defined);
    at->loss = at_number(split, from->loss, number, &defined);
    at->loss_in_parameters = from->loss_in_parameters;
    at->density = CAUSTIC_NONE;
    return defined;
}

/* The case may make sense there by itself, and its shock time need not be the limit. */
static void
add_gap(split_struct * split, const fmpq_t q)
{
    caustic_families_struct * families = split->families;
    caustic_reduction_t reduction;
    caustic_setting_t at;

    families->gap_cometric[families->gaps] = families->gap_loss[families->gaps] = CAUSTIC_NONE;
    if (setting_at(at, split, q))
    {
        caustic_reduction_init(reduction, at);
        if (caustic_checks_verdict(reduction->checks) == CAUSTIC_PROVED && reduction->written_out)
        {
            families->gap_cometric[families->gaps] = reduction->cometric_expr[0];
            families->gap_loss[families->gaps] = reduction->loss;
        }
        caustic_reduction_clear(reduction);
    }
    caustic_setting_clear(at);
    fmpq_set(families->gap + families->gaps++, q);
}

/* A number q with a family on [lower, q): the upper end, 0, or where bisection leads. */
static int
find_gap(fmpq_t q, const split_struct * split, const caustic_interval_t range)
{
    fmpq_t good, bad;

    fmpq_set(q, range->upper);
    if (range->upper_closed && part_is_reduced(split, range, q, 0))
        return 1;
    fmpq_zero(q);
    if (caustic_interval_contains_fmpq(range, q) && part_is_reduced(split, range, q, 0) && !part_is_reduced(split, range, q, 1))
        return 1;
    fmpq_init(good);
    fmpq_init(bad);
    fmpq_set(good, range->lower);
    fmpq_set(bad, range->upper);
    for (slong i = 0; i < BISECTIONS; i++)
    {
        fmpq_add(q, good, bad);
        fmpq_div_2exp(q, q, 1);
        fmpq_set(part_is_reduced(split, range, q, 0) ? good : bad, q); /* without its end, which is widened otherwise */
    }
    fmpq_simplest_between(q, good, bad);
    fmpq_clear(good);
    fmpq_clear(bad);
    return caustic_interval_contains_fmpq(range, q) && part_is_reduced(split, range, q, 0);
}

/* There is a family near the lower end: if not, no single value inside is to blame. */
static int
starts_well(const split_struct * split, const caustic_interval_t rest)
{
    fmpq_t q;
    int reduced;

    fmpq_init(q);
    fmpq_sub(q, rest->upper, rest->lower);
    fmpq_div_2exp(q, q, BISECTIONS / 2);
    fmpq_add(q, q, rest->lower);
    reduced = part_is_reduced(split, rest, q, 1);
    fmpq_clear(q);
    return reduced;
}

/* The family before the next gap; what is left begins after it. 0: no gap explains what is missing. */
static int
cut(split_struct * split, caustic_interval_t rest)
{
    caustic_interval_t part;
    fmpq_t q;
    int found;

    if (rest->lower_closed && !starts_well(split, rest))
    {
        add_gap(split, rest->lower);
        rest->lower_closed = 0;
        return starts_well(split, rest);
    }
    fmpq_init(q);
    found = find_gap(q, split, rest);
    if (found)
    {
        caustic_interval_init(part);
        caustic_interval_set(part, rest);
        fmpq_set(part->upper, q);
        part->upper_closed = 0;
        add_family(split, part);
        add_gap(split, q);
        caustic_interval_clear(part);
        fmpq_set(rest->lower, q);
        rest->lower_closed = 0;
        found = fmpq_equal(q, rest->upper) || starts_well(split, rest);
    }
    fmpq_clear(q);
    return found;
}

void
caustic_families_init(caustic_families_t families, const caustic_setting_t setting, const caustic_expr * symbol,
    const caustic_interval_struct * range, slong parameters)
{
    split_struct split = {families, setting, *symbol};
    caustic_interval_t rest;
    int covered;

    memset(families, 0, sizeof(caustic_families_struct));
    families->family = flint_calloc(GAPS + 1, sizeof(caustic_family_struct));
    families->gap = _fmpq_vec_init(GAPS);
    caustic_family_init(families->family, setting, symbol, range, parameters);
    covered = families->family->reduced;
    families->length = covered;
    families->why = caustic_string_copy(families->family->why);
    if (!covered)
        caustic_family_clear(families->family);
    if (covered || parameters != 1)
        return;

    caustic_interval_init(rest);
    caustic_interval_set(rest, range);
    while (!covered && families->gaps < GAPS && cut(&split, rest))
    {
        covered = fmpq_equal(rest->lower, rest->upper);
        if (!covered && is_reduced(&split, rest))
        {
            add_family(&split, rest);
            covered = 1;
        }
    }
    caustic_interval_clear(rest);
    for (slong i = 0; i < families->length && !covered; i++)
        caustic_family_clear(families->family + i);
    families->length = covered ? families->length : 0;
}

void
caustic_families_clear(caustic_families_t families)
{
    for (slong i = 0; i < families->length; i++)
        caustic_family_clear(families->family + i);
    flint_free(families->family);
    _fmpq_vec_clear(families->gap, GAPS);
    flint_free(families->why);
}
