/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later

    Products. A setting whose parameters fall into groups that nothing couples is a product, and so is
    its quotient [REDUCTION-9]: each unit is reduced by itself, equal units once, and permutations of
    equal units are seen to permute the coordinates.
*/

#include <ctype.h>
#include <string.h>
#include "reduction_internal.h"

/* Which unit everything belongs to. */
typedef struct
{
    const caustic_setting_struct * setting;
    slong * leader;      /* of each parameter, a tree to the unit's first parameter */
    slong units;
    slong * unit;        /* of each parameter */
    slong * coordinate;  /* the unit of each coordinate */
    slong * generator;   /* of each generator */
    slong * stratum;     /* of each expression of the stratum */
    slong * element;     /* of each finite element; -1 for a permutation of units */
    slong places;
    slong * place;       /* of each parameter's symbol, by handle; -1 elsewhere */
    slong * image;       /* elements x N: theta_a o s = theta_image, where s only renames; else its row is -1 */
}
partition_struct;

typedef partition_struct partition_t[1];

static slong
leader_of(const partition_t partition, slong a)
{
    while (partition->leader[a] != a)
        a = partition->leader[a];
    return a;
}

/* The smaller number leads, so that units are numbered as their first parameters are. Returns whether they
   were apart. */
static int
join(partition_t partition, slong a, slong b)
{
    slong x = leader_of(partition, a), y = leader_of(partition, b);

    partition->leader[FLINT_MAX(x, y)] = FLINT_MIN(x, y);
    return x != y;
}

/* The index of a parameter's symbol; -1 for anything else. */
static slong
parameter_of(const partition_t partition, caustic_expr e)
{
    return (slong) e < partition->places ? partition->place[e] : -1;
}

/* Joins the parameters that e depends on, with each other and with `first` (-1: none). Returns one of them. */
static slong
join_parameters(partition_t partition, caustic_expr e, slong first)
{
    const caustic_setting_struct * setting = partition->setting;
    caustic_expr * symbols;
    slong length = caustic_expr_symbols(&symbols, setting->pool, e);

    for (slong i = 0; i < length; i++)
    {
        slong a = parameter_of(partition, symbols[i]);

        if (a >= 0 && first >= 0)
            join(partition, first, a);
        first = (first >= 0) ? first : a;
    }

    flint_free(symbols);
    return first;
}

static int
is_renaming(const partition_t partition, slong s)
{
    return partition->image[s * partition->setting->parameters] >= 0;
}

/* Fills the table of what the finite elements rename. */
static void
read_renamings(partition_t partition)
{
    const caustic_setting_struct * setting = partition->setting;
    slong n = setting->parameters;

    for (slong s = 0; s < setting->elements; s++)
    {
        slong * image = partition->image + s * n;
        int renames = 1;

        for (slong a = 0; a < n; a++)
        {
            image[a] = parameter_of(partition, setting->element[s * n + a]);
            renames = renames && image[a] >= 0;
        }
        image[0] = renames ? image[0] : -1;
    }
}

/* Whether a renaming keeps every unit where it is, so far. */
static int
stays_within(const partition_t partition, slong s)
{
    slong n = partition->setting->parameters;
    int answer = 1;

    for (slong a = 0; a < n && answer; a++)
        answer = leader_of(partition, a) == leader_of(partition, partition->image[s * n + a]);
    return answer;
}

/* Everything that a finite element touches is one unit. Returns whether it was not. */
static int
join_element(partition_t partition, slong s)
{
    const caustic_setting_struct * setting = partition->setting;
    slong n = setting->parameters, first = -1;
    int changed = 0;

    for (slong a = 0; a < n; a++)
    {
        caustic_expr image = setting->element[s * n + a];

        if (image == setting->parameter[a])
            continue;
        if (first >= 0)
            changed |= join(partition, first, a);
        first = join_parameters(partition, image, a);
    }

    return changed;
}

/* A renaming carries units to units: what is joined is joined there too. */
static void
join_images(partition_t partition)
{
    const caustic_setting_struct * setting = partition->setting;
    slong n = setting->parameters;
    int changed = 1;

    while (changed)
    {
        changed = 0;
        for (slong s = 0; s < setting->elements; s++)
            for (slong a = 0; a < n && is_renaming(partition, s); a++)
            {
                slong x = partition->image[s * n + a];
                slong y = partition->image[s * n + leader_of(partition, a)];

                changed |= join(partition, x, y);
            }
    }
}

/* A renaming that keeps every unit where it is acts on one of them. Units that grow may make another
   renaming such a one. */
static void
join_renamings(partition_t partition)
{
    int changed = 1;

    while (changed)
    {
        changed = 0;
        join_images(partition);
        for (slong s = 0; s < partition->setting->elements; s++)
            if (is_renaming(partition, s) && stays_within(partition, s))
                changed |= join_element(partition, s);
    }
}

static void
join_all(partition_t partition)
{
    const caustic_setting_struct * setting = partition->setting;
    caustic_pool * pool = setting->pool;
    caustic_expr zero = caustic_integer(pool, 0);
    slong n = setting->parameters;

    for (slong a = 0; a < n; a++)
        for (slong b = 0; b < n; b++)
            if (setting->inverse_metric[a * n + b] != zero)
            {
                join(partition, a, b);
                (void) join_parameters(partition, setting->inverse_metric[a * n + b], a);
            }

    for (slong k = 0; k < setting->generators; k++)
    {
        slong first = -1;

        for (slong a = 0; a < n; a++)
            if (setting->generator[k * n + a] != zero)
            {
                if (first >= 0)
                    join(partition, first, a);
                first = join_parameters(partition, setting->generator[k * n + a], a);
            }
        partition->generator[k] = first;
    }

    for (slong i = 0; i < setting->coordinates; i++)
        partition->coordinate[i] = join_parameters(partition, setting->invariant[i], -1);
    for (slong i = 0; i < setting->strata; i++)
        partition->stratum[i] = join_parameters(partition, setting->stratum[i], -1);

    /* The section of a unit may ask for coordinates of another one. */
    for (slong a = 0; a < n && setting->has_section; a++)
        for (slong i = 0; i < setting->coordinates; i++)
            if (partition->coordinate[i] >= 0
                && caustic_expr_depends(pool, setting->section[a], setting->coordinate[i]))
                join(partition, a, partition->coordinate[i]);

    for (slong s = 0; s < setting->elements; s++)
        if (!is_renaming(partition, s))
            (void) join_element(partition, s);
    join_renamings(partition);
}

/* Numbers the units; 0 if something belongs to none. */
static int
number_units(partition_t partition)
{
    const caustic_setting_struct * setting = partition->setting;
    slong n = setting->parameters;
    int answer = 1;

    partition->units = 0;
    for (slong a = 0; a < n; a++)
        partition->unit[a] = leader_of(partition, a) == a ? partition->units++ : partition->unit[leader_of(partition, a)];

    for (slong i = 0; i < setting->coordinates && answer; i++)
    {
        answer = partition->coordinate[i] >= 0;
        if (answer)
            partition->coordinate[i] = partition->unit[partition->coordinate[i]];
    }
    for (slong k = 0; k < setting->generators && answer; k++)
    {
        answer = partition->generator[k] >= 0;
        if (answer)
            partition->generator[k] = partition->unit[partition->generator[k]];
    }
    for (slong i = 0; i < setting->strata && answer; i++)
    {
        answer = partition->stratum[i] >= 0;
        if (answer)
            partition->stratum[i] = partition->unit[partition->stratum[i]];
    }

    for (slong s = 0; s < setting->elements && answer; s++)
    {
        partition->element[s] = -1;
        if (is_renaming(partition, s) && !stays_within(partition, s))
            continue;
        for (slong a = 0; a < n; a++)
            if (setting->element[s * n + a] != setting->parameter[a])
                partition->element[s] = partition->unit[a];
        answer = partition->element[s] >= 0;
    }

    return answer;
}

static void
partition_init(partition_t partition, const caustic_setting_struct * setting)
{
    size_t size = sizeof(slong);

    partition->setting = setting;
    partition->leader = flint_malloc((size_t) setting->parameters * size);
    partition->unit = flint_malloc((size_t) setting->parameters * size);
    partition->coordinate = flint_malloc((size_t) FLINT_MAX(setting->coordinates, 1) * size);
    partition->generator = flint_malloc((size_t) FLINT_MAX(setting->generators, 1) * size);
    partition->stratum = flint_malloc((size_t) FLINT_MAX(setting->strata, 1) * size);
    partition->element = flint_malloc((size_t) FLINT_MAX(setting->elements, 1) * size);
    partition->image = flint_malloc((size_t) FLINT_MAX(setting->elements * setting->parameters, 1) * size);
    partition->places = 1;

    for (slong a = 0; a < setting->parameters; a++)
        partition->places = FLINT_MAX(partition->places, (slong) setting->parameter[a] + 1);
    partition->place = flint_malloc((size_t) partition->places * size);
    for (slong i = 0; i < partition->places; i++)
        partition->place[i] = -1;

    for (slong a = 0; a < setting->parameters; a++)
    {
        partition->leader[a] = a;
        partition->place[setting->parameter[a]] = a;
    }

    read_renamings(partition);
}

static void
partition_clear(partition_t partition)
{
    flint_free(partition->leader);
    flint_free(partition->unit);
    flint_free(partition->coordinate);
    flint_free(partition->generator);
    flint_free(partition->stratum);
    flint_free(partition->element);
    flint_free(partition->image);
    flint_free(partition->place);
}

/* Permutations of units **********************************************************************/

static int
same_domain(const caustic_interval_struct * a, const caustic_interval_struct * b)
{
    return a->lower_infinite == b->lower_infinite && a->upper_infinite == b->upper_infinite
        && a->lower_closed == b->lower_closed && a->upper_closed == b->upper_closed
        && (a->lower_infinite || fmpq_equal(a->lower, b->lower))
        && (a->upper_infinite || fmpq_equal(a->upper, b->upper));
}

static slong
index_of(const caustic_expr * list, slong length, caustic_expr e)
{
    for (slong i = 0; i < length; i++)
        if (list[i] == e)
            return i;
    return -1;
}

/* A renaming s of the parameters, theta_a o s = theta_p(a), is an isometry of the stratum that permutes the
   coordinates, z_i o s = z_t(i), seen from the expressions as they are written. Then t is an isometry
   of the quotient [REDUCTION-9]. */
static int
permutes_coordinates(const partition_t partition, slong s)
{
    const caustic_setting_struct * setting = partition->setting;
    slong n = setting->parameters, d = setting->coordinates;
    const slong * moved = partition->image + s * n;
    caustic_expr zero = caustic_integer(setting->pool, 0);
    int answer = 1;

    for (slong a = 0; a < n && answer; a++)
        answer = same_domain(setting->parameter_domain + a, setting->parameter_domain + moved[a]);

    for (slong a = 0; a < n && answer; a++)
        for (slong b = 0; b < n && answer; b++)
        {
            caustic_expr entry = setting->inverse_metric[a * n + b];
            caustic_expr there = setting->inverse_metric[moved[a] * n + moved[b]];

            answer = entry == zero ? there == zero : moved_by(setting, entry, s) == there;
        }

    for (slong i = 0; i < d && answer; i++)
    {
        slong j = index_of(setting->invariant, d, moved_by(setting, setting->invariant[i], s));

        answer = j >= 0 && same_domain(setting->coordinate_domain + i, setting->coordinate_domain + j);
    }

    for (slong i = 0; i < setting->strata && answer; i++)
        answer = index_of(setting->stratum, setting->strata, moved_by(setting, setting->stratum[i], s)) >= 0;

    return answer;
}

/* L o s = L for a finite element: no unit has seen the loss. */
static void
require_symmetric_loss(statement_t statement, caustic_reduction_t reduction, slong s)
{
    const caustic_setting_struct * setting = reduction->setting;
    gr_ctx_struct * ctx = reduction->upstairs;
    caustic_expr loss = pulled_back(setting, reduction->density != CAUSTIC_NONE ? reduction->density : reduction->loss);
    caustic_expr moved = moved_by(setting, loss, s);
    gr_ptr value;

    if (equal_term_by_term(moved, loss, setting))
        return;

    GR_TMP_INIT(value, ctx);
    if (statement_require_success(statement, caustic_field_set_expr(value,
            caustic_sub(setting->pool, moved, loss), ctx), "the loss after element %ld", (long) s + 1))
        statement_require_zero(statement, value, ctx, "element %ld changes the loss: the difference", (long) s + 1);
    if (statement->verdict == CAUSTIC_UNDECIDED)
        refute_at_a_point(statement, caustic_sub(setting->pool, moved, loss), reduction,
            "a finite element changes the loss: the difference");
    GR_TMP_CLEAR(value, ctx);
}

/* Factors ************************************************************************************/

/* The unit's part of the whole, in the whole's own symbols. */
static caustic_setting_struct *
unit_setting(const partition_t partition, slong unit)
{
    const caustic_setting_struct * setting = partition->setting;
    caustic_setting_struct * part = flint_malloc(sizeof(caustic_setting_struct));
    slong n = setting->parameters, m = 0, k = 0, e = 0, d = 0, x = 0, y;
    slong * parameter = flint_malloc((size_t) n * sizeof(slong));

    for (slong a = 0; a < n; a++)
        if (partition->unit[a] == unit)
            parameter[m++] = a;
    for (slong a = 0; a < setting->generators; a++)
        k += partition->generator[a] == unit;
    for (slong s = 0; s < setting->elements; s++)
        e += partition->element[s] == unit;
    for (slong i = 0; i < setting->coordinates; i++)
        d += partition->coordinate[i] == unit;

    caustic_setting_init(part, setting->pool);
    caustic_setting_allocate(part, m, k, e, d);
    part->has_section = setting->has_section;
    part->stratum = flint_malloc((size_t) FLINT_MAX(setting->strata, 1) * sizeof(caustic_expr));

    for (slong a = 0; a < m; a++)
    {
        part->parameter[a] = setting->parameter[parameter[a]];
        caustic_interval_set(part->parameter_domain + a, setting->parameter_domain + parameter[a]);
        part->section[a] = setting->section[parameter[a]];
        for (slong b = 0; b < m; b++)
            part->inverse_metric[a * m + b] = setting->inverse_metric[parameter[a] * n + parameter[b]];
    }

    for (slong i = 0; i < setting->generators; i++)
        if (partition->generator[i] == unit)
        {
            for (slong a = 0; a < m; a++)
                part->generator[x * m + a] = setting->generator[i * n + parameter[a]];
            x++;
        }

    y = 0;
    for (slong s = 0; s < setting->elements; s++)
        if (partition->element[s] == unit)
        {
            for (slong a = 0; a < m; a++)
                part->element[y * m + a] = setting->element[s * n + parameter[a]];
            y++;
        }

    y = 0;
    for (slong i = 0; i < setting->coordinates; i++)
        if (partition->coordinate[i] == unit)
        {
            part->coordinate[y] = setting->coordinate[i];
            part->invariant[y] = setting->invariant[i];
            caustic_interval_set(part->coordinate_domain + y, setting->coordinate_domain + i);
            y++;
        }

    for (slong i = 0; i < setting->strata; i++)
        if (partition->stratum[i] == unit)
            part->stratum[part->strata++] = setting->stratum[i];

    /* Spheres are factors of the whole; they stand with its first unit. */
    if (unit == 0 && setting->spheres > 0)
    {
        part->spheres = setting->spheres;
        part->sphere = flint_malloc((size_t) setting->spheres * sizeof(slong));
        memcpy(part->sphere, setting->sphere, (size_t) setting->spheres * sizeof(slong));
        part->sphere_radius = flint_malloc((size_t) setting->spheres * sizeof(caustic_expr));
        memcpy(part->sphere_radius, setting->sphere_radius, (size_t) setting->spheres * sizeof(caustic_expr));
    }

    flint_free(parameter);
    return part;
}

static void
unit_free(caustic_setting_struct * unit)
{
    caustic_setting_clear(unit);
    flint_free(unit);
}

typedef struct
{
    caustic_pool * pool;
    slong length;
    caustic_expr * from;
    caustic_expr * to;
}
renaming_struct;

static int
same_after(const renaming_struct * renaming, const caustic_expr * a, const caustic_expr * b, slong length)
{
    int answer = 1;

    for (slong i = 0; i < length && answer; i++)
        answer = caustic_substitute(renaming->pool, a[i], renaming->from, renaming->to, renaming->length) == b[i];
    return answer;
}

static renaming_struct
renaming_between(const caustic_setting_struct * a, const caustic_setting_struct * b)
{
    renaming_struct renaming;
    slong n = a->parameters, d = a->coordinates;

    renaming.pool = a->pool;
    renaming.length = n + d;
    renaming.from = flint_malloc((size_t) (n + d) * sizeof(caustic_expr));
    renaming.to = flint_malloc((size_t) (n + d) * sizeof(caustic_expr));
    memcpy(renaming.from, a->parameter, (size_t) n * sizeof(caustic_expr));
    memcpy(renaming.to, b->parameter, (size_t) n * sizeof(caustic_expr));
    memcpy(renaming.from + n, a->coordinate, (size_t) d * sizeof(caustic_expr));
    memcpy(renaming.to + n, b->coordinate, (size_t) d * sizeof(caustic_expr));
    return renaming;
}

static void
renaming_clear(renaming_struct * renaming)
{
    flint_free(renaming->from);
    flint_free(renaming->to);
}

/* Whether b is a with other names. The finite elements need not be repeated in every copy: conjugates
   by the permutations of the units are in the group too. */
static int
is_copy(const caustic_setting_struct * a, const caustic_setting_struct * b)
{
    renaming_struct renaming;
    slong n = a->parameters, d = a->coordinates;
    int answer;

    if (n != b->parameters || d != b->coordinates || a->generators != b->generators || a->strata != b->strata
        || a->spheres > 0 || b->spheres > 0
        || (b->elements != 0 && a->elements != b->elements))
        return 0;

    renaming = renaming_between(a, b);
    answer = same_after(&renaming, a->inverse_metric, b->inverse_metric, n * n)
        && same_after(&renaming, a->generator, b->generator, a->generators * n)
        && same_after(&renaming, a->element, b->element, b->elements * n)
        && same_after(&renaming, a->invariant, b->invariant, d)
        && (!a->has_section || same_after(&renaming, a->section, b->section, n))
        && same_after(&renaming, a->stratum, b->stratum, a->strata);

    for (slong i = 0; i < n && answer; i++)
        answer = same_domain(a->parameter_domain + i, b->parameter_domain + i);
    for (slong i = 0; i < d && answer; i++)
        answer = same_domain(a->coordinate_domain + i, b->coordinate_domain + i);

    renaming_clear(&renaming);
    return answer;
}

/* The indices in the whole of a unit's coordinates. */
static void
place_coordinates(slong * index, const caustic_setting_struct * whole, const caustic_setting_struct * unit)
{
    for (slong i = 0; i < unit->coordinates; i++)
        index[i] = index_of(whole->coordinate, whole->coordinates, unit->coordinate[i]);
}

static void
add_unit(caustic_reduction_t reduction, caustic_setting_struct * unit)
{
    slong d = unit->coordinates, f = 0;
    caustic_factor_struct * factor;

    while (f < reduction->factors && !is_copy(reduction->factor[f].unit, unit))
        f++;

    factor = reduction->factor + f;
    if (f == reduction->factors)
    {
        reduction->factors++;
        factor->copies = 0;
        factor->coordinate = NULL;
        factor->unit = unit;
        factor->reduction = flint_malloc(sizeof(caustic_reduction_struct));
        caustic_reduction_init(factor->reduction, unit);
    }

    factor->copies++;
    factor->coordinate = flint_realloc(factor->coordinate, (size_t) FLINT_MAX(factor->copies * d, 1) * sizeof(slong));
    place_coordinates(factor->coordinate + (factor->copies - 1) * d, reduction->setting, unit);

    if (factor->unit != unit)
        unit_free(unit);
}

void
clear_factors(caustic_reduction_t reduction)
{
    for (slong f = 0; f < reduction->factors; f++)
    {
        caustic_reduction_clear(reduction->factor[f].reduction);
        flint_free(reduction->factor[f].reduction);
        unit_free(reduction->factor[f].unit);
        flint_free(reduction->factor[f].coordinate);
    }
    flint_free(reduction->factor);
}

/* The whole from its factors *****************************************************************/

/* A function of the first copy's coordinates, on another copy. */
static caustic_expr
on_copy(const caustic_factor_struct * factor, const caustic_setting_struct * whole, caustic_expr e, slong copy)
{
    slong d = factor->unit->coordinates;
    caustic_expr * to = flint_malloc((size_t) FLINT_MAX(d, 1) * sizeof(caustic_expr));

    for (slong i = 0; i < d; i++)
        to[i] = whole->coordinate[factor->coordinate[copy * d + i]];
    e = caustic_substitute(whole->pool, e, factor->unit->coordinate, to, d);
    flint_free(to);
    return e;
}

static int
write_block(caustic_reduction_t reduction, const caustic_factor_struct * factor, slong copy)
{
    const caustic_setting_struct * setting = reduction->setting;
    gr_ctx_struct * below = reduction->downstairs;
    slong d = setting->coordinates, m = factor->unit->coordinates;
    const slong * index = factor->coordinate + copy * m;
    int status = GR_SUCCESS;

    for (slong i = 0; i < m; i++)
    {
        for (slong j = 0; j < m; j++)
        {
            caustic_expr entry = on_copy(factor, setting, factor->reduction->cometric_expr[i * m + j], copy);

            reduction->cometric_expr[index[i] * d + index[j]] = entry;
            status |= caustic_field_set_expr(gr_mat_entry_ptr(reduction->cometric, index[i], index[j], below), entry, below);
        }

        reduction->drift_expr[index[i]] = on_copy(factor, setting, factor->reduction->drift_expr[i], copy);
        status |= caustic_field_set_expr(gr_mat_entry_ptr(reduction->drift, index[i], 0, below),
            reduction->drift_expr[index[i]], below);
    }

    return status;
}

static int
write_blocks(caustic_reduction_t reduction)
{
    caustic_pool * pool = reduction->setting->pool;
    slong d = reduction->setting->coordinates;
    int status = GR_SUCCESS;

    allocate_cometric(reduction);
    for (slong i = 0; i < d * d; i++)
        reduction->cometric_expr[i] = caustic_integer(pool, 0);

    for (slong f = 0; f < reduction->factors; f++)
        for (slong copy = 0; copy < reduction->factor[f].copies; copy++)
            status |= write_block(reduction, reduction->factor + f, copy);

    return status;
}

/* "the unit of w11": units are known by their first parameter. */
static const char *
first_name(const caustic_factor_struct * factor)
{
    return caustic_expr_name(factor->unit->pool, factor->unit->parameter[0]);
}

/* The check of that name, or NULL. */
static const caustic_check_struct *
find_check(const caustic_factor_struct * factor, const char * name)
{
    const caustic_checks_struct * checks = factor->reduction->checks;

    for (slong i = 0; i < checks->length; i++)
        if (strcmp(checks->entries[i].name, name) == 0)
            return checks->entries + i;
    return NULL;
}

/* One check of the whole for each name: the factors' verdicts together, and what each says, once. */
static void
gather_check(caustic_reduction_t reduction, const char * name)
{
    caustic_verdict verdict = CAUSTIC_PROVED;
    const char * before = "";
    caustic_text_t detail;

    caustic_text_init(detail);

    for (slong f = 0; f < reduction->factors; f++)
    {
        const caustic_factor_struct * factor = reduction->factor + f;
        const caustic_check_struct * check = find_check(factor, name);

        if (check == NULL)
            continue;
        verdict = caustic_verdict_and(verdict, check->verdict);
        if (strcmp(check->detail, before) != 0)
            caustic_text_printf(detail, "%sin %s %s: %s", detail->length > 0 ? "; " : "",
                factor->copies > 1 ? "each unit like that of" : "the unit of", first_name(factor), check->detail);
        before = check->detail;
    }

    caustic_checks_add(reduction->checks, name, verdict, "%s", detail->data);
    caustic_text_clear(detail);
}

static void
gather_checks(caustic_reduction_t reduction)
{
    for (slong f = 0; f < reduction->factors; f++)
    {
        const caustic_checks_struct * checks = reduction->factor[f].reduction->checks;

        for (slong i = 0; i < checks->length; i++)
        {
            slong known = 0;

            while (known < reduction->checks->length
                && strcmp(reduction->checks->entries[known].name, checks->entries[i].name) != 0)
                known++;
            if (known == reduction->checks->length)
                gather_check(reduction, checks->entries[i].name);
        }
    }
}

static void
gather_assumptions(caustic_reduction_t reduction)
{
    for (slong f = 0; f < reduction->factors; f++)
        for (slong i = 0; i < reduction->factor[f].reduction->assumptions_length; i++)
            assume(reduction, reduction->factor[f].reduction->assumptions[i]);
}

/* Permutations of units have been seen to be isometries; that they and the units' own elements keep the
   loss is left. */
static void
check_elements(caustic_reduction_t reduction)
{
    const caustic_setting_struct * setting = reduction->setting;
    gr_ctx_struct kept[2];
    statement_t statement;

    if (setting->elements == 0)
        return;

    open_loss_fields(reduction, kept, kept + 1);
    statement_init(statement, "symmetry");
    for (slong s = 0; s < setting->elements && reduction->loss != CAUSTIC_NONE; s++)
        require_symmetric_loss(statement, reduction, s);
    statement_conclude(reduction->checks, statement,
        "permutations of equal units permute the coordinates and are isometries%s",
        reduction->loss == CAUSTIC_NONE ? "" : "; every finite element keeps the loss");
    close_loss_fields(reduction, kept, kept + 1);
}

int
reduce_product(caustic_reduction_t reduction)
{
    const caustic_setting_struct * setting = reduction->setting;
    partition_t partition;
    int answer;

    /* One of many units is not taken apart: its factors would have to be counted for each of them. */
    if ((setting->generators == 0 && setting->elements == 0) || setting->copies > 1)
        return 0;

    partition_init(partition, setting);
    join_all(partition);
    answer = number_units(partition) && partition->units > 1;

    for (slong s = 0; s < setting->elements && answer; s++)
        answer = partition->element[s] >= 0 || permutes_coordinates(partition, s);

    if (answer)
    {
        reduction->factor = flint_malloc((size_t) partition->units * sizeof(caustic_factor_struct));
        for (slong unit = 0; unit < partition->units; unit++)
            add_unit(reduction, unit_setting(partition, unit));

        reduction->derived = reduction->written_out = 1;
        for (slong f = 0; f < reduction->factors; f++)
        {
            reduction->derived = reduction->derived && reduction->factor[f].reduction->derived;
            reduction->written_out = reduction->written_out && reduction->factor[f].reduction->written_out;
        }
        reduction->written_out = reduction->written_out && reduction->derived
            && setting->coordinates <= CAUSTIC_WRITTEN_OUT && write_blocks(reduction) == GR_SUCCESS;

        gather_checks(reduction);
        check_loss(reduction);
        check_elements(reduction);
        gather_assumptions(reduction);
    }

    partition_clear(partition);
    return answer;
}

int
caustic_reduction_write_out(caustic_reduction_t reduction)
{
    int possible = reduction->derived && reduction->factors > 0 && reduction->setting->copies == 1
        && reduction->setting->coordinates <= CAUSTIC_LOSS_WRITTEN_OUT;

    if (reduction->written_out)
        return 1;
    for (slong f = 0; f < reduction->factors; f++)
        possible = possible && reduction->factor[f].reduction->written_out;
    reduction->written_out = possible && write_blocks(reduction) == GR_SUCCESS;
    return reduction->written_out;
}

/* Copies *************************************************************************************/

/* The unit's number goes between the letters and the digits of a name; an x keeps numbers of several
   digits apart. */
static void
write_name(caustic_text_t name, const char * of_unit, slong number)
{
    size_t letters = 0;

    while (isalpha((unsigned char) of_unit[letters]))
        letters++;

    caustic_text_reset(name);
    caustic_text_append_length(name, of_unit, letters);
    caustic_text_printf(name, "%ld", (long) number);
    if (of_unit[letters] != '\0' && (number > 9 || strlen(of_unit + letters) > 1))
        caustic_text_append(name, "x");
    caustic_text_append(name, of_unit + letters);
}

/* The coordinates z, or z1, z2, ... of all units are numbered through. */
static int
is_numbered(const caustic_setting_struct * unit)
{
    int answer = 1;

    for (slong i = 0; i < unit->coordinates && answer; i++)
    {
        const char * name = caustic_expr_name(unit->pool, unit->coordinate[i]);

        answer = name[0] == 'z' && strspn(name + 1, "0123456789") == strlen(name + 1);
    }
    return answer;
}

static caustic_expr
symbol_like(caustic_pool * pool, const char * name, caustic_expr model)
{
    caustic_expr symbol = caustic_symbol(pool, name);

    if (caustic_expr_is_positive_symbol(pool, model))
        caustic_symbol_assume_positive(pool, symbol);
    return symbol;
}

static void
name_copy(caustic_setting_struct * whole, const caustic_setting_struct * unit, slong copy)
{
    slong n = unit->parameters, d = unit->coordinates;
    int numbered = is_numbered(unit);
    caustic_text_t name;

    caustic_text_init(name);
    for (slong a = 0; a < n; a++)
    {
        write_name(name, caustic_expr_name(unit->pool, unit->parameter[a]), copy + 1);
        whole->parameter[copy * n + a] = symbol_like(unit->pool, name->data, unit->parameter[a]);
        caustic_interval_set(whole->parameter_domain + copy * n + a, unit->parameter_domain + a);
    }
    for (slong i = 0; i < d; i++)
    {
        if (numbered)
        {
            caustic_text_reset(name);
            caustic_text_printf(name, "z%ld", (long) (copy * d + i + 1));
        }
        else
            write_name(name, caustic_expr_name(unit->pool, unit->coordinate[i]), copy + 1);
        whole->coordinate[copy * d + i] = symbol_like(unit->pool, name->data, unit->coordinate[i]);
        caustic_interval_set(whole->coordinate_domain + copy * d + i, unit->coordinate_domain + i);
    }
    caustic_text_clear(name);
}

static void
fill_copy(caustic_setting_struct * whole, const caustic_setting_struct * unit, slong copy)
{
    slong n = unit->parameters, d = unit->coordinates, k = unit->generators, all = whole->parameters;
    renaming_struct renaming;
    caustic_setting_struct there = *unit;

    there.parameter = whole->parameter + copy * n;
    there.coordinate = whole->coordinate + copy * d;
    renaming = renaming_between(unit, &there);

#define RENAMED(e) ((e) == CAUSTIC_NONE ? CAUSTIC_NONE \
    : caustic_substitute(renaming.pool, (e), renaming.from, renaming.to, renaming.length))

    for (slong a = 0; a < n; a++)
    {
        whole->section[copy * n + a] = RENAMED(unit->section[a]);
        for (slong b = 0; b < n; b++)
            whole->inverse_metric[(copy * n + a) * all + copy * n + b] = RENAMED(unit->inverse_metric[a * n + b]);
        for (slong g = 0; g < k; g++)
            whole->generator[(copy * k + g) * all + copy * n + a] = RENAMED(unit->generator[g * n + a]);
        for (slong s = 0; s < unit->elements && copy == 0; s++)
            whole->element[s * all + a] = RENAMED(unit->element[s * n + a]);
    }
    for (slong i = 0; i < d; i++)
        whole->invariant[copy * d + i] = RENAMED(unit->invariant[i]);
    for (slong i = 0; i < unit->strata; i++)
        whole->stratum[copy * unit->strata + i] = RENAMED(unit->stratum[i]);

#undef RENAMED
    renaming_clear(&renaming);
}

void
caustic_setting_repeat(caustic_setting_t whole, const caustic_setting_t unit)
{
    slong m = unit->copies, n = unit->parameters, e = unit->elements, all = m * n;
    caustic_expr zero = caustic_integer(unit->pool, 0);

    caustic_setting_init(whole, unit->pool);
    caustic_setting_allocate(whole, all, m * unit->generators, e + m - 1, m * unit->coordinates);
    whole->has_section = unit->has_section;
    whole->strata = m * unit->strata;
    whole->stratum = flint_malloc((size_t) FLINT_MAX(whole->strata, 1) * sizeof(caustic_expr));

    for (slong i = 0; i < all * all; i++)
        whole->inverse_metric[i] = zero;
    for (slong i = 0; i < whole->generators * all; i++)
        whole->generator[i] = zero;

    for (slong copy = 0; copy < m; copy++)
        name_copy(whole, unit, copy);

    /* Elements move what they do not mention to itself. */
    for (slong s = 0; s < whole->elements; s++)
        for (slong a = 0; a < all; a++)
            whole->element[s * all + a] = whole->parameter[a];

    for (slong copy = 0; copy < m; copy++)
        fill_copy(whole, unit, copy);

    for (slong copy = 0; copy + 1 < m; copy++)
        for (slong a = 0; a < n; a++)
        {
            caustic_expr * element = whole->element + (e + copy) * all + copy * n;

            element[a] = whole->parameter[(copy + 1) * n + a];
            element[n + a] = whole->parameter[copy * n + a];
        }
}
