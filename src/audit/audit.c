/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include <string.h>
#include <flint/fmpq_vec.h>
#include "audit_internal.h"

const char *
caustic_audit_verdict_name(caustic_audit_verdict verdict)
{
    static const char * const names[] = {"HOLDS", "HOLDS_ON_LEAVES", "FAILS", "UNDECIDED"};

    return verdict >= CAUSTIC_AUDIT_HOLDS && verdict <= CAUSTIC_AUDIT_UNDECIDED ? names[verdict - 1] : "UNDECIDED";
}

/* Points *************************************************************************************/

int
rational_value(fmpq_t res, caustic_expr e, const fmpq * theta, const audit_work_t work)
{
    caustic_pool * pool = work->setting->pool;
    slong n = work->parameters;
    caustic_expr * numbers = flint_malloc((size_t) n * sizeof(caustic_expr)), value;
    int rational;

    for (slong a = 0; a < n; a++)
        numbers[a] = caustic_number(pool, theta + a);
    value = caustic_substitute(pool, e, work->setting->parameter, numbers, n);
    rational = value != CAUSTIC_NONE && caustic_expr_op(pool, value) == CAUSTIC_OP_NUMBER;
    if (rational)
        fmpq_set(res, caustic_expr_fmpq(pool, value));
    flint_free(numbers);
    return rational;
}

int
is_in_theta(const fmpq * theta, const audit_work_t work)
{
    const caustic_setting_struct * setting = work->setting;
    fmpq_t value;
    int inside = 1;

    fmpq_init(value);
    for (slong a = 0; a < work->parameters && inside; a++)
        inside = caustic_interval_contains_fmpq(setting->parameter_domain + a, theta + a);
    for (slong i = 0; i < setting->strata && inside; i++)
        inside = rational_value(value, setting->stratum[i], theta, work) && !fmpq_is_zero(value);
    fmpq_clear(value);
    return inside;
}

int
small_point(fmpq * theta, const audit_work_t work, slong i)
{
    static const slong numerators[] = {2, 1, 1, 3, -1, 1, 4, -2, 3, 5, -3, 1};
    static const slong denominators[] = {1, 2, 1, 1, 1, 4, 1, 1, 2, 1, 1, 3};

    /* The first are regular, and so small; of the others no minor vanishes by their pattern. */
    for (slong a = 0; a < work->parameters; a++)
    {
        slong pick = i < 12 ? (i * (2 * a + 1) + 3 * a) % 12 : (slong) ((((ulong) (i + 7) * 2654435761u + (ulong) (a + 1) * 40503u)
            * ((ulong) a * 97u + 13u) >> 9) % 12);

        fmpq_set_si(theta + a, numerators[pick], (ulong) denominators[pick]);
        if (!caustic_interval_contains_fmpq(work->setting->parameter_domain + a, theta + a))
            fmpq_neg(theta + a, theta + a);
    }
    return is_in_theta(theta, work);
}

/* Names **************************************************************************************/

static int
is_taken(caustic_expr symbol, const caustic_setting_struct * setting)
{
    int taken = 0;

    for (slong a = 0; a < setting->parameters && !taken; a++)
        taken = setting->parameter[a] == symbol;
    for (slong i = 0; i < setting->coordinates && !taken; i++)
        taken = setting->coordinate[i] == symbol;
    return taken;
}

caustic_expr
audit_symbol(const audit_work_t work, const char * base, const char * longer, slong number)
{
    caustic_text_t name;
    caustic_expr symbol = CAUSTIC_NONE;

    caustic_text_init(name);
    for (slong tries = 0; symbol == CAUSTIC_NONE || is_taken(symbol, work->setting); tries++)
    {
        caustic_text_reset(name);
        for (slong i = 1; i < tries; i++)
            caustic_text_append(name, "the");
        caustic_text_append(name, tries == 0 ? base : longer);
        if (number > 0)
            caustic_text_printf(name, "%ld", (long) number);
        symbol = caustic_symbol(work->setting->pool, name->data);
    }
    caustic_text_clear(name);
    return symbol;
}

/* Functions **********************************************************************************/

truth_t
comes_down(caustic_expr * down, gr_srcptr x, const audit_work_t work)
{
    const caustic_setting_struct * setting = work->setting;
    gr_ctx_struct * ctx = (gr_ctx_struct *) work->ctx;
    caustic_expr e = caustic_field_get_expr(x, ctx), back;
    truth_t answer = T_UNKNOWN;
    gr_ptr difference;

    *down = CAUSTIC_NONE;
    if (!work->section_proved)
        return T_UNKNOWN;

    GR_TMP_INIT(difference, ctx);
    e = caustic_substitute(setting->pool, e, setting->parameter, setting->section, setting->parameters);
    back = caustic_substitute(setting->pool, e, setting->coordinate, setting->invariant, setting->coordinates);
    if (back != CAUSTIC_NONE && caustic_field_set_expr(difference, back, ctx) == GR_SUCCESS
        && gr_sub(difference, difference, x, ctx) == GR_SUCCESS)
        answer = caustic_field_is_zero(difference, NULL, ctx);
    GR_TMP_CLEAR(difference, ctx);

    if (answer == T_TRUE)
    {
        gr_ptr below;
        gr_ctx_struct * downstairs = (gr_ctx_struct *) work->below;

        GR_TMP_INIT(below, downstairs);
        *down = caustic_field_set_expr(below, e, downstairs) == GR_SUCCESS ? caustic_field_get_expr(below, downstairs) : e;
        GR_TMP_CLEAR(below, downstairs);
    }
    return answer;
}

/* The work ***********************************************************************************/

static int
read_metric(audit_work_t work, const caustic_expr * optimiser_metric)
{
    caustic_pool * pool = work->setting->pool;
    gr_ctx_struct * ctx = (gr_ctx_struct *) work->ctx;
    slong n = work->parameters;
    int status = GR_SUCCESS, diagonal = 1;
    fmpq_t value;

    fmpq_init(value);
    work->is_constant_diagonal = 1;
    for (slong a = 0; a < n; a++)
        for (slong b = 0; b < n; b++)
        {
            caustic_expr entry = optimiser_metric != NULL ? optimiser_metric[a * n + b] : caustic_integer(pool, a == b);
            gr_ptr place = gr_mat_entry_ptr(work->metric, a, b, ctx);

            work->metric_expr[a * n + b] = entry;
            status |= caustic_field_set_expr(place, entry, ctx);
            if (a != b && gr_is_zero(place, ctx) != T_TRUE)
                diagonal = work->is_constant_diagonal = 0;
            if (a == b && (caustic_field_get_fmpq(value, place, ctx) != T_TRUE || fmpq_sgn(value) <= 0))
                work->is_constant_diagonal = 0;
        }
    fmpq_clear(value);

    if (status != GR_SUCCESS)
        return 0;
    if (!diagonal)
        return n <= 12 && gr_mat_inv(work->lowered, work->metric, ctx) == GR_SUCCESS;

    status = gr_mat_zero(work->lowered, ctx);
    for (slong a = 0; a < n; a++)
        status |= gr_inv(gr_mat_entry_ptr(work->lowered, a, a, ctx), gr_mat_entry_srcptr(work->metric, a, a, ctx), ctx);
    return status == GR_SUCCESS;
}

/* d_b z^i */
static int
read_jacobian(audit_work_t work)
{
    gr_ctx_struct * ctx = (gr_ctx_struct *) work->ctx;
    int status = GR_SUCCESS;
    gr_ptr invariant;

    GR_TMP_INIT(invariant, ctx);
    for (slong i = 0; i < work->coordinates && status == GR_SUCCESS; i++)
    {
        status |= caustic_field_set_expr(invariant, work->setting->invariant[i], ctx);
        for (slong a = 0; a < work->parameters && status == GR_SUCCESS; a++)
            status |= caustic_field_derivative(gr_mat_entry_ptr(work->jacobian, i, a, ctx), invariant, a, ctx);
    }
    GR_TMP_CLEAR(invariant, ctx);
    return status == GR_SUCCESS;
}

/* F_0^{ij} = d_a z^i A_0^{ab} d_b z^j. In polar coordinates, dr^2 + r^2 (the unit sphere's), the sphere's part is the round cometric
   over r^2. [AUDIT-12] */
static int
read_force(audit_work_t work)
{
    const caustic_setting_struct * setting = work->setting;
    gr_ctx_struct * ctx = (gr_ctx_struct *) work->ctx;
    slong n = work->parameters, d = work->coordinates, size = work->size;
    int status = read_jacobian(work) ? GR_SUCCESS : GR_UNABLE;
    gr_mat_t raised, transpose, product;

    gr_mat_init(raised, d, n, ctx);
    gr_mat_init(transpose, n, d, ctx);
    gr_mat_init(product, d, d, ctx);
    if (status == GR_SUCCESS)
    {
        status |= gr_mat_mul(raised, work->jacobian, work->metric, ctx);
        status |= gr_mat_transpose(transpose, work->jacobian, ctx);
        status |= gr_mat_mul(product, raised, transpose, ctx);
    }
    for (slong i = 0; i < d * d; i++)
        status |= gr_set(gr_mat_entry_ptr(work->force, i / d, i % d, ctx), gr_mat_entry_srcptr(product, i / d, i % d, ctx), ctx);
    for (slong i = d; i < size; i++)
        status |= caustic_field_set_expr(gr_mat_entry_ptr(work->force, i, i, ctx), work->is_own ? caustic_integer(setting->pool, 1)
            : caustic_power_si(setting->pool, setting->sphere_radius[i - d], -2), ctx);
    for (slong i = 0; i < size * size && status == GR_SUCCESS; i++)
        work->force_expr[i] = caustic_field_get_expr(gr_mat_entry_srcptr(work->force, i / size, i % size, ctx), ctx);

    gr_mat_clear(raised, ctx);
    gr_mat_clear(transpose, ctx);
    gr_mat_clear(product, ctx);
    return status == GR_SUCCESS;
}

/* Whether the optimiser's metric is written like the case's own. */
static int
is_own_metric(const caustic_setting_struct * setting, const caustic_expr * optimiser_metric)
{
    slong n = setting->parameters;

    return optimiser_metric != NULL
        && memcmp(optimiser_metric, setting->inverse_metric, (size_t) (n * n) * sizeof(caustic_expr)) == 0;
}

caustic_expr
quotient_entry(const audit_work_t work, slong i, slong j)
{
    const caustic_reduction_struct * reduction = work->reduction;
    slong d = work->coordinates;

    if (i < d && j < d)
        return reduction->derived && reduction->written_out ? reduction->cometric_expr[i * d + j] : CAUSTIC_NONE;
    return caustic_integer(work->setting->pool, i == j);
}

static void
work_init(audit_work_t work, caustic_audit_t audit, const caustic_reduction_t reduction, const caustic_expr * optimiser_metric)
{
    slong n = reduction->setting->parameters, d = reduction->setting->coordinates;

    memset(work, 0, sizeof(audit_work_struct));
    work->audit = audit;
    work->reduction = reduction;
    work->setting = reduction->setting;
    caustic_field_ctx_init(work->ctx, work->setting->pool, work->setting->parameter, work->setting->parameter_domain, n);
    caustic_field_ctx_init(work->below, work->setting->pool, work->setting->coordinate, work->setting->coordinate_domain, d);
    work->parameters = n;
    work->coordinates = d;
    work->generators = reduction->setting->generators;
    work->size = audit->size = d + work->setting->spheres;
    work->is_own = is_own_metric(work->setting, optimiser_metric);
    work->metric_expr = flint_calloc((size_t) (n * n), sizeof(caustic_expr));
    work->force_expr = flint_calloc((size_t) FLINT_MAX(work->size * work->size, 1), sizeof(caustic_expr));
    gr_mat_init(work->metric, n, n, work->ctx);
    gr_mat_init(work->lowered, n, n, work->ctx);
    gr_mat_init(work->jacobian, d, n, work->ctx);
    gr_mat_init(work->force, work->size, work->size, work->ctx);
    gr_mat_init(work->charge_slope, 0, n, work->ctx);
}

static void
work_clear(audit_work_t work)
{
    flint_free(work->metric_expr);
    flint_free(work->force_expr);
    gr_mat_clear(work->metric, work->ctx);
    gr_mat_clear(work->lowered, work->ctx);
    gr_mat_clear(work->jacobian, work->ctx);
    gr_mat_clear(work->force, work->ctx);
    gr_mat_clear(work->charge_slope, work->ctx);
    gr_ctx_clear(work->ctx);
    gr_ctx_clear(work->below);
}

static const caustic_check_struct *
find_check(const caustic_reduction_struct * reduction, const char * name)
{
    for (slong i = 0; i < reduction->checks->length; i++)
        if (strcmp(reduction->checks->entries[i].name, name) == 0)
            return reduction->checks->entries + i;
    return NULL;
}

/* That the coordinates are invariants: all that an audit rests on. That the section is one is asked only where it is used to say that a function
   comes down; points on it are looked at one by one. Where the case's own metric was beyond the
   field, a reduction with a constant one, which is not asked for more, says it. */
static int
rests_on(int * section_proved, caustic_audit_t audit, const caustic_reduction_t reduction)
{
    const caustic_check_struct * invariance, * section;
    caustic_setting_struct euclidean = *reduction->setting;
    caustic_reduction_t other;
    const caustic_reduction_struct * read = reduction;
    slong n = euclidean.parameters;
    int answer, again = reduction->factors == 0 && (find_check(reduction, "invariance") == NULL
        || find_check(reduction, "invariance")->verdict != CAUSTIC_PROVED);

    if (again)
    {
        euclidean.inverse_metric = flint_malloc((size_t) (n * n) * sizeof(caustic_expr));
        for (slong i = 0; i < n * n; i++)
            euclidean.inverse_metric[i] = caustic_integer(euclidean.pool, i % (n + 1) == 0);
        euclidean.loss = euclidean.density = CAUSTIC_NONE;
        /* What is invariant on more than the stratum is so on it. */
        euclidean.strata = 0;
        caustic_reduction_init(other, &euclidean);
        read = other;
    }
    invariance = find_check(read, "invariance");
    section = find_check(read, "section");
    answer = invariance != NULL && invariance->verdict == CAUSTIC_PROVED;
    *section_proved = !again && section != NULL && section->verdict == CAUSTIC_PROVED;
    if (!answer)
        caustic_checks_add(audit->checks, "drift", CAUSTIC_UNDECIDED, "the quotient is not proved: invariance: %s",
            invariance == NULL ? "not tried" : invariance->detail);
    if (again)
    {
        caustic_reduction_clear(other);
        flint_free(euclidean.inverse_metric);
    }
    return answer;
}

/* Above this many parameters nothing is tried. */
#define PARAMETERS_LIMIT 40

/* A_0 is smooth, symmetric and positive definite on parameter space: the reduction by the trivial group asks that. */
static int
is_metric(caustic_audit_t audit, const caustic_setting_struct * setting, const caustic_expr * optimiser_metric)
{
    caustic_setting_struct trivial = *setting;
    caustic_reduction_t reduction;
    caustic_verdict verdict = CAUSTIC_UNDECIDED;
    const char * detail = "not tried";

    trivial.generators = trivial.elements = trivial.spheres = 0;
    trivial.coordinates = setting->parameters;
    trivial.coordinate = trivial.invariant = trivial.section = setting->parameter;
    trivial.coordinate_domain = setting->parameter_domain;
    trivial.has_section = trivial.copies = 1;
    trivial.inverse_metric = (caustic_expr *) optimiser_metric;
    trivial.loss = trivial.density = CAUSTIC_NONE;
    caustic_reduction_init(reduction, &trivial);
    for (slong i = 0; i < reduction->checks->length; i++)
        if (strcmp(reduction->checks->entries[i].name, "metric") == 0)
        {
            verdict = reduction->checks->entries[i].verdict;
            detail = reduction->checks->entries[i].detail;
        }
    if (verdict != CAUSTIC_PROVED)
        caustic_checks_add(audit->checks, "drift", CAUSTIC_UNDECIDED, "nothing moves by gradient descent in optimiser.metric: that it"
            " is an inverse metric, symmetric and positive definite, is %s: %s",
            verdict == CAUSTIC_REFUTED ? "false" : "not proved", detail);
    caustic_reduction_clear(reduction);
    return verdict == CAUSTIC_PROVED;
}

static void
audit_begin(caustic_audit_t audit)
{
    memset(audit, 0, sizeof(caustic_audit_struct));
    audit->verdict = CAUSTIC_AUDIT_UNDECIDED;
    audit->conserved = -1;
    audit->scale = CAUSTIC_NONE;
    caustic_checks_init(audit->checks);
    fmpq_init(audit->witness.value);
    fmpq_init(audit->witness.other_value);
    fmpq_init(audit->mirror.value);
    fmpq_init(audit->mirror.other_value);
}

/* xi_a z^i = 0, all that [AUDIT-1] needs. */
static int
generators_keep_invariants(const audit_work_t work)
{
    gr_ctx_struct * ctx = (gr_ctx_struct *) work->ctx;
    slong n = work->parameters;
    int keep = 1;
    gr_ptr sum, speed;

    GR_TMP_INIT2(sum, speed, ctx);
    for (slong a = 0; a < work->generators && keep; a++)
        for (slong i = 0; i < work->coordinates && keep; i++)
        {
            int status = gr_zero(sum, ctx);

            for (slong b = 0; b < n; b++)
            {
                status |= caustic_field_set_expr(speed, work->setting->generator[a * n + b], ctx);
                if (gr_is_zero(speed, ctx) == T_TRUE)
                    continue;
                status |= gr_mul(speed, speed, gr_mat_entry_srcptr(work->jacobian, i, b, ctx), ctx);
                status |= gr_add(sum, sum, speed, ctx);
            }
            keep = status == GR_SUCCESS && caustic_field_is_zero(sum, NULL, ctx) == T_TRUE;
        }
    GR_TMP_CLEAR2(sum, speed, ctx);
    return keep;
}

void
caustic_audit_conserved_init(caustic_audit_t audit, const caustic_setting_t setting, const caustic_expr * optimiser_metric)
{
    caustic_reduction_struct none;
    audit_work_t work;

    audit_begin(audit);
    memset(&none, 0, sizeof(none));
    none.setting = setting;
    work_init(work, audit, &none, optimiser_metric);
    if (setting->spheres > 0 || !read_metric(work, optimiser_metric) || !read_jacobian(work) || !generators_keep_invariants(work))
        caustic_checks_add(audit->checks, "leaves", CAUSTIC_UNDECIDED, "that the generators annihilate the invariants was not proved");
    else
        audit_charges(work);
    if (audit->conserved > 0)
        audit->conserved *= setting->copies;
    work_clear(work);
}

void
caustic_audit_init(caustic_audit_t audit, const caustic_reduction_t reduction, const caustic_expr * optimiser_metric)
{
    const caustic_setting_struct * setting = reduction->setting;
    audit_work_t work;
    int section_proved;

    audit_begin(audit);

    /* Equal units that nothing couples are audited as one; another metric than the Euclidean might couple them. */
    if (optimiser_metric != NULL && !is_own_metric(setting, optimiser_metric) && (setting->copies > 1 || setting->spheres > 0))
    {
        caustic_checks_add(audit->checks, "drift", CAUSTIC_UNDECIDED, "not tried: the case is one of many equal units, or in polar"
            " coordinates, and the optimiser's metric is neither Euclidean nor the case's own");
        return;
    }
    if (setting->parameters > PARAMETERS_LIMIT && audit_product(audit, reduction, optimiser_metric))
        return;
    if (setting->parameters > PARAMETERS_LIMIT)
    {
        caustic_checks_add(audit->checks, "drift", CAUSTIC_UNDECIDED, "not tried: the case has more than %d parameters and no structure that"
            " the audit knows; audit a smaller one of the kind", PARAMETERS_LIMIT);
        return;
    }
    if (!rests_on(&section_proved, audit, reduction) || (optimiser_metric != NULL && !is_metric(audit, setting, optimiser_metric)))
        return;

    work_init(work, audit, reduction, optimiser_metric);
    work->section_proved = section_proved && setting->has_section;
    if (!read_metric(work, optimiser_metric) || !read_force(work))
        caustic_checks_add(audit->checks, "drift", CAUSTIC_UNDECIDED, "the optimiser's metric, or its inverse, is beyond the"
            " exact field");
    else
    {
        audit_drift(work);
        audit_charges(work);
        audit_leaf(work);
        if (work->projects != 1)
            audit_leaf_geometry(work);
        if (audit->verdict == CAUSTIC_AUDIT_FAILS)
            audit_factors(work);
        audit_noise(work);
        if (audit->conserved > 0)
            audit->conserved *= setting->copies;
    }
    work_clear(work);
}

static void
witness_clear(caustic_audit_witness * witness)
{
    fmpq_clear(witness->value);
    fmpq_clear(witness->other_value);
    if (witness->present)
    {
        _fmpq_vec_clear(witness->point, witness->length);
        _fmpq_vec_clear(witness->other, witness->length);
    }
}

void
caustic_audit_clear(caustic_audit_t audit)
{
    caustic_checks_clear(audit->checks);
    flint_free(audit->charge);
    flint_free(audit->charge_symbol);
    flint_free(audit->cometric);
    flint_free(audit->leaf_cometric);
    implicit_clear(&audit->implicit);
    flint_free(audit->isotropic_cometric);
    witness_clear(&audit->witness);
    witness_clear(&audit->mirror);
}
