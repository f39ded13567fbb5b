/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include "reduction_internal.h"

#define LOSS_POINTS 20
#define LOSS_PRECISION 256
#define LOSS_NODES 2000 /* larger losses are not searched for places where they are undefined */

static const char *
name_of(const caustic_setting_t setting, caustic_expr symbol)
{
    return caustic_expr_name(setting->pool, symbol);
}

/* Identities of the field hold where everything is defined; that it is, is proved apart. [FIELD-9] */
static void
require_smooth(statement_t statement, const caustic_setting_t setting, caustic_expr e, gr_ctx_t ctx,
    const char * what, const char * name)
{
    statement_require_smooth(statement, e, setting->stratum, setting->strata, ctx, "%s %s", what, name);
}

/* A finite element keeps the invariants, or acts on the quotient. */
static void
require_element(statement_t invariance, caustic_reduction_t reduction, const upstairs_t up, slong s)
{
    const caustic_setting_struct * setting = reduction->setting;
    gr_ctx_struct * ctx = reduction->upstairs;
    slong d = setting->coordinates, i;
    gr_ptr change;

    GR_TMP_INIT(change, ctx);
    for (i = 0; i < d; i++)
    {
        const char * name = name_of(setting, setting->coordinate[i]);
        int status = caustic_field_set_expr(change, moved_by(setting, setting->invariant[i], s), ctx);

        status |= gr_sub(change, change, gr_mat_entry_srcptr(up->invariants, i, 0, ctx), ctx);

        if (!statement_require_success(invariance, status, "%s after element %ld", name, (long) s + 1))
            continue;
        if (setting->has_section && caustic_field_is_zero(change, NULL, ctx) != T_TRUE)
            break;
        statement_require_zero(invariance, change, ctx, "element %ld changes %s: the difference", (long) s + 1, name);
    }
    if (i < d)
        require_action_on_cover(invariance, s, reduction);
    GR_TMP_CLEAR(change, ctx);
}

/* invariance: xi_a z^i = 0, z o s = z or tau_s(z). */
void
check_invariance(caustic_reduction_t reduction, const upstairs_t up)
{
    const caustic_setting_struct * setting = reduction->setting;
    gr_ctx_struct * ctx = reduction->upstairs;
    gr_ptr sum, term;
    statement_t invariance;

    GR_TMP_INIT2(sum, term, ctx);
    statement_init(invariance, "invariance");

    for (slong i = 0; i < setting->coordinates; i++)
        require_smooth(invariance, setting, setting->invariant[i], ctx, "the invariant", name_of(setting, setting->coordinate[i]));
    for (slong i = 0; i < setting->generators * setting->parameters; i++)
        require_smooth(invariance, setting, setting->generator[i], ctx, "a component of a generator, that of",
            name_of(setting, setting->parameter[i % setting->parameters]));

    for (slong a = 0; a < setting->generators; a++)
    {
        for (slong i = 0; i < setting->coordinates; i++)
        {
            int status = gr_zero(sum, ctx);

            for (slong b = 0; b < setting->parameters; b++)
            {
                status |= gr_mul(term, gr_mat_entry_srcptr(up->generators, a, b, ctx),
                    gr_mat_entry_srcptr(up->jacobian, i, b, ctx), ctx);
                status |= gr_add(sum, sum, term, ctx);
            }

            if (statement_require_success(invariance, status, "generator %ld applied to %s",
                    (long) a + 1, name_of(setting, setting->coordinate[i])))
                statement_require_zero(invariance, sum, ctx, "generator %ld applied to %s is not 0: it",
                    (long) a + 1, name_of(setting, setting->coordinate[i]));
        }
    }

    for (slong s = 0; s < setting->elements; s++)
        require_element(invariance, reduction, up, s);

    statement_conclude(reduction->checks, invariance, setting->generators + setting->elements == 0
        ? "the group is trivial"
        : reduction->coverings == 0
        ? "every generator annihilates every invariant and every finite element keeps it"
        : reduction->coverings == setting->elements
        ? "every generator annihilates every invariant; the chart is that of a cover, on which the finite elements act"
            " by isometries that keep the drift"
        : "every generator annihilates every invariant, and some finite elements keep it; the chart is that of a cover,"
            " on which the others act by isometries that keep the drift");
    GR_TMP_CLEAR2(sum, term, ctx);
}

/* Requires distance > 0 (want 1) or < 0 (want -1) on the box, or on what the stratum leaves of it. */
static void
require_side(statement_t statement, gr_srcptr distance, int want, const caustic_setting_struct * stratum, gr_ctx_t ctx,
    const char * format, const char * what)
{
    if (stratum == NULL || caustic_field_sign_on(distance, stratum->stratum, stratum->strata, ctx)
            != (want > 0 ? CAUSTIC_SIGN_POSITIVE : CAUSTIC_SIGN_NEGATIVE))
        statement_require_sign(statement, distance, want, ctx, format, what);
}

void
require_inside(statement_t statement, gr_srcptr x, const caustic_interval_t domain, const caustic_setting_struct * stratum,
    gr_ctx_t ctx, const char * what)
{
    gr_ptr distance;
    int status;

    GR_TMP_INIT(distance, ctx);

    if (!domain->lower_infinite)
    {
        status = gr_sub_fmpq(distance, x, domain->lower, ctx);
        if (statement_require_success(statement, status, "the distance of %s from its lower bound", what))
            require_side(statement, distance, 1, stratum, ctx, "%s above its lower bound", what);
    }

    if (!domain->upper_infinite)
    {
        status = gr_sub_fmpq(distance, x, domain->upper, ctx);
        if (statement_require_success(statement, status, "the distance of %s from its upper bound", what))
            require_side(statement, distance, -1, stratum, ctx, "%s below its upper bound", what);
    }

    GR_TMP_CLEAR(distance, ctx);
}

/* The section is smooth on the quotient's box; or on what a stratum leaves of it, and then it is smooth
   after the invariants. */
static void
require_smooth_section(statement_t section, caustic_reduction_t reduction, slong a)
{
    const caustic_setting_struct * setting = reduction->setting;
    const char * name = name_of(setting, setting->parameter[a]);
    caustic_text_t why;

    caustic_text_init(why);

    if (setting->strata > 0
        && caustic_field_is_smooth(why, setting->section[a], NULL, 0, 1, reduction->downstairs) == T_UNKNOWN)
        require_smooth(section, setting, pulled_back(setting, setting->section[a]), reduction->upstairs,
            "the section's", name);
    else
        statement_require_smooth(section, setting->section[a], NULL, 0, reduction->downstairs, "the section's %s", name);

    caustic_text_clear(why);
}

/* The section does not leave the stratum: its expressions have no zeros along the section, on the box or,
   where the box is larger than the image, after the invariants. */
static void
require_on_stratum(statement_t section, caustic_reduction_t reduction, slong i)
{
    const caustic_setting_struct * setting = reduction->setting;
    gr_ctx_struct * above = reduction->upstairs;
    gr_ctx_struct * below = reduction->downstairs;
    caustic_expr along = on_section(setting, setting->stratum[i]);
    gr_ptr down, up;

    GR_TMP_INIT(down, below);
    GR_TMP_INIT(up, above);

    if (statement_require_success(section, caustic_field_set_expr(down, along, below),
            "expression %ld of the stratum on the section", (long) i + 1)
        && !caustic_field_is_nonzero_on(down, NULL, 0, below)
        && !(caustic_field_set_expr(up, pulled_back(setting, along), above) == GR_SUCCESS
            && caustic_field_is_nonzero_on(up, setting->stratum, setting->strata, above)))
    {
        if (caustic_field_is_zero(down, NULL, below) == T_TRUE)
            statement_fail(section, CAUSTIC_REFUTED, "the section is not on the stratum: its expression %ld is 0 there", (long) i + 1);
        else
            statement_fail(section, CAUSTIC_UNDECIDED,
                "that expression %ld of the stratum has no zeros along the section could not be read off", (long) i + 1);
    }

    GR_TMP_CLEAR(down, below);
    GR_TMP_CLEAR(up, above);
}

/* What is proved here is proved inside the boxes; an end that belongs to one would be a boundary of the manifold. */
static void
require_open(statement_t section, const caustic_interval_t domain, const char * name)
{
    if ((domain->lower_closed && !domain->lower_infinite) || (domain->upper_closed && !domain->upper_infinite))
        statement_fail(section, CAUSTIC_UNDECIDED,
            "the domain of %s contains an end, where there is a boundary and no identity was looked at; write a round bracket", name);
}

/* section: pi(sigma(z)) = z, sigma takes values in Theta and pi in the quotient's box. Together
   they say that the invariants map Theta onto the box. */
void
check_section(caustic_reduction_t reduction, const upstairs_t up)
{
    const caustic_setting_struct * setting = reduction->setting;
    gr_ctx_struct * below = reduction->downstairs;
    gr_ptr value, coordinate;
    statement_t section;

    GR_TMP_INIT2(value, coordinate, below);
    statement_init(section, "section");

    for (slong a = 0; a < setting->parameters; a++)
        require_open(section, setting->parameter_domain + a, name_of(setting, setting->parameter[a]));
    for (slong i = 0; i < setting->coordinates; i++)
        require_open(section, setting->coordinate_domain + i, name_of(setting, setting->coordinate[i]));

    for (slong i = 0; i < setting->coordinates && setting->has_section; i++)
    {
        const char * name = name_of(setting, setting->coordinate[i]);
        int status = caustic_field_set_expr(value, on_section(setting, setting->invariant[i]), below);

        status |= caustic_field_set_expr(coordinate, setting->coordinate[i], below);
        status |= gr_sub(value, value, coordinate, below);

        if (statement_require_success(section, status, "%s on the section", name))
            statement_require_zero(section, value, below, "%s on the section is not %s: the difference", name, name);
    }

    for (slong a = 0; a < setting->parameters && setting->has_section; a++)
    {
        const char * name = name_of(setting, setting->parameter[a]);
        int status = caustic_field_set_expr(value, setting->section[a], below);

        require_smooth_section(section, reduction, a);

        if (statement_require_success(section, status, "%s on the section", name))
            require_inside(section, value, setting->parameter_domain + a, NULL, below, name);
    }

    for (slong i = 0; i < setting->strata && setting->has_section; i++)
        require_on_stratum(section, reduction, i);

    for (slong i = 0; i < setting->coordinates; i++)
        require_inside(section, gr_mat_entry_srcptr(up->invariants, i, 0, reduction->upstairs),
            setting->coordinate_domain + i, setting, reduction->upstairs, name_of(setting, setting->coordinate[i]));

    statement_conclude(reduction->checks, section, !setting->has_section
        ? "there is none: what comes down is rewritten as polynomials in the invariants and proved equal; the"
            " invariants stay in their box, which their image need not fill"
        : "the invariants of the section are the coordinates, and both stay in their domains");
    GR_TMP_CLEAR2(value, coordinate, below);
}

/* Lie_xi A = 0: xi(A^{bc}) - A^{ec} d_e xi^b - A^{be} d_e xi^c for one generator. */
static int
lie_derivative(gr_mat_t res, const gr_mat_t metric, const gr_mat_t generators, slong generator, gr_ctx_t ctx)
{
    slong n = metric->r;
    gr_mat_t slope, first;
    gr_ptr term;
    int status = GR_SUCCESS;

    gr_mat_init(slope, n, n, ctx); /* d_e xi^b in row b, column e */
    gr_mat_init(first, n, n, ctx);
    GR_TMP_INIT(term, ctx);

    for (slong b = 0; b < n; b++)
        for (slong e = 0; e < n; e++)
            status |= caustic_field_derivative(gr_mat_entry_ptr(slope, b, e, ctx),
                gr_mat_entry_srcptr(generators, generator, b, ctx), e, ctx);

    /* The slope of a scaling has few entries, of n^2. */
    status |= gr_mat_zero(first, ctx);
    for (slong b = 0; b < n; b++)
    {
        for (slong e = 0; e < n; e++)
        {
            gr_srcptr factor = gr_mat_entry_srcptr(slope, b, e, ctx);

            if (gr_is_zero(factor, ctx) == T_TRUE)
                continue;

            for (slong c = 0; c < n; c++)
            {
                status |= gr_mul(term, factor, gr_mat_entry_srcptr(metric, e, c, ctx), ctx);
                status |= gr_add(gr_mat_entry_ptr(first, b, c, ctx), gr_mat_entry_srcptr(first, b, c, ctx), term, ctx);
                status |= gr_mul(term, factor, gr_mat_entry_srcptr(metric, c, e, ctx), ctx);
                status |= gr_add(gr_mat_entry_ptr(first, c, b, ctx), gr_mat_entry_srcptr(first, c, b, ctx), term, ctx);
            }
        }
    }

    for (slong b = 0; b < n; b++)
    {
        for (slong c = 0; c < n; c++)
        {
            gr_ptr sum = gr_mat_entry_ptr(res, b, c, ctx);

            status |= gr_zero(sum, ctx);
            for (slong a = 0; a < n; a++)
            {
                gr_srcptr speed = gr_mat_entry_srcptr(generators, generator, a, ctx);

                if (gr_is_zero(speed, ctx) == T_TRUE)
                    continue;

                status |= caustic_field_derivative(term, gr_mat_entry_srcptr(metric, b, c, ctx), a, ctx);
                status |= gr_mul(term, term, speed, ctx);
                status |= gr_add(sum, sum, term, ctx);
            }
        }
    }

    status |= gr_mat_sub(res, res, first, ctx);

    gr_mat_clear(slope, ctx);
    gr_mat_clear(first, ctx);
    GR_TMP_CLEAR(term, ctx);
    return status;
}

/* Ds A Ds^T - A o s for one finite element. */
static int
pushed_forward_difference(gr_mat_t res, const caustic_reduction_t reduction, const upstairs_t up, slong s)
{
    const caustic_setting_struct * setting = reduction->setting;
    gr_ctx_struct * ctx = ((caustic_reduction_struct *) reduction)->upstairs;
    slong n = setting->parameters;
    gr_mat_t slope, transpose;
    gr_ptr image;
    int status = GR_SUCCESS;

    gr_mat_init(slope, n, n, ctx);
    gr_mat_init(transpose, n, n, ctx);
    GR_TMP_INIT(image, ctx);

    for (slong a = 0; a < n; a++)
    {
        status |= caustic_field_set_expr(image, setting->element[s * n + a], ctx);
        for (slong b = 0; b < n; b++)
            status |= caustic_field_derivative(gr_mat_entry_ptr(slope, a, b, ctx), image, b, ctx);
    }

    status |= gr_mat_transpose(transpose, slope, ctx);
    status |= gr_mat_mul(res, slope, up->inverse_metric, ctx);
    status |= gr_mat_mul(res, res, transpose, ctx);

    for (slong a = 0; a < n; a++)
    {
        for (slong b = 0; b < n; b++)
        {
            gr_ptr entry = gr_mat_entry_ptr(res, a, b, ctx);

            status |= caustic_field_set_expr(image, moved_by(setting, setting->inverse_metric[a * n + b], s), ctx);
            status |= gr_sub(entry, entry, image, ctx);
        }
    }

    gr_mat_clear(slope, ctx);
    gr_mat_clear(transpose, ctx);
    GR_TMP_CLEAR(image, ctx);
    return status;
}

void
check_isometry(caustic_reduction_t reduction, const upstairs_t up)
{
    const caustic_setting_struct * setting = reduction->setting;
    gr_ctx_struct * ctx = reduction->upstairs;
    slong n = setting->parameters;
    gr_mat_t difference;
    gr_ptr image;
    statement_t isometry;

    gr_mat_init(difference, n, n, ctx);
    GR_TMP_INIT(image, ctx);
    statement_init(isometry, "isometry");

    for (slong a = 0; a < setting->generators; a++)
        if (statement_require_success(isometry,
                lie_derivative(difference, up->inverse_metric, up->generators, a, ctx),
                "the Lie derivative of the metric along generator %ld", (long) a + 1))
            for (slong b = 0; b < n; b++)
                for (slong c = 0; c < n; c++)
                    statement_require_zero(isometry, gr_mat_entry_srcptr(difference, b, c, ctx), ctx,
                        "the Lie derivative of the inverse metric along generator %ld, entry (%ld, %ld),",
                        (long) a + 1, (long) b + 1, (long) c + 1);

    for (slong s = 0; s < setting->elements; s++)
    {
        if (statement_require_success(isometry, pushed_forward_difference(difference, reduction, up, s),
                "the metric moved by element %ld", (long) s + 1))
            for (slong b = 0; b < n; b++)
                for (slong c = 0; c < n; c++)
                    statement_require_zero(isometry, gr_mat_entry_srcptr(difference, b, c, ctx), ctx,
                        "element %ld changes entry (%ld, %ld) of the inverse metric: the difference",
                        (long) s + 1, (long) b + 1, (long) c + 1);

        for (slong b = 0; b < n; b++)
            require_smooth(isometry, setting, setting->element[s * n + b], ctx, "the image under a finite element of",
                name_of(setting, setting->parameter[b]));

        for (slong b = 0; b < n; b++)
            if (statement_require_success(isometry,
                    caustic_field_set_expr(image, setting->element[s * n + b], ctx),
                    "component %ld of element %ld", (long) b + 1, (long) s + 1))
                require_inside(isometry, image, setting->parameter_domain + b, setting, ctx,
                    name_of(setting, setting->parameter[b]));

        for (slong i = 0; i < setting->strata; i++)
            if (statement_require_success(isometry,
                    caustic_field_set_expr(image, moved_by(setting, setting->stratum[i], s), ctx),
                    "expression %ld of the stratum after element %ld", (long) i + 1, (long) s + 1)
                && !caustic_field_is_nonzero_on(image, setting->stratum, setting->strata, ctx))
                statement_fail(isometry, CAUSTIC_UNDECIDED,
                    "that element %ld maps the stratum into itself could not be read off: its expression %ld may vanish on the image",
                    (long) s + 1, (long) i + 1);
    }

    statement_conclude(reduction->checks, isometry, setting->generators + setting->elements == 0
        ? "the group is trivial"
        : "the Lie derivatives of the metric vanish and the finite elements keep it");
    gr_mat_clear(difference, ctx);
    GR_TMP_CLEAR(image, ctx);
}

/* The candidate for what a function f on parameter space comes down to: its values on the section, or what
   closes in the invariants. */
static int
candidate(caustic_expr * below, caustic_expr f, const caustic_setting_t setting)
{
    if (!setting->has_section)
        return close_in_invariants(below, f, setting);

    *below = on_section(setting, f);
    return 1;
}

/* Requires above = below o pi. On a section, f(sigma(pi(theta))) != f(theta) refutes; a closed form that was
   only guessed does not. */
static void
require_pull_back(statement_t statement, gr_srcptr above_value, caustic_expr below, caustic_reduction_t reduction,
    const char * what)
{
    const caustic_setting_struct * setting = reduction->setting;
    gr_ctx_struct * above = reduction->upstairs;
    gr_ptr difference;
    int status;

    GR_TMP_INIT(difference, above);
    status = caustic_field_set_expr(difference, pulled_back(setting, below), above);
    status |= gr_sub(difference, above_value, difference, above);

    if (statement_require_success(statement, status, "the pull-back of %s", what))
    {
        if (setting->has_section)
            statement_require_zero(statement, difference, above,
                "%s is not a function of the invariants: its difference from the value on the section's orbit", what);
        else
            statement_require_found_zero(statement, difference, above,
                "%s equals a polynomial in the invariants at many points, but not identically", what);
    }

    GR_TMP_CLEAR(difference, above);
}

/* A function on parameter space is brought down and must be the pull-back of what came down. */
static void
bring_down(statement_t statement, gr_ptr below_value, caustic_expr * below_expr, gr_srcptr above_value,
    caustic_reduction_t reduction, const char * what)
{
    const caustic_setting_struct * setting = reduction->setting;
    gr_ctx_struct * below = reduction->downstairs;
    caustic_expr down = CAUSTIC_NONE;

    if (!candidate(&down, caustic_field_get_expr(above_value, reduction->upstairs), setting))
    {
        statement_fail(statement, CAUSTIC_UNDECIDED,
            "%s: no polynomial in the invariants was found for it; give a section, or invariants that generate the invariant polynomials", what);
        return;
    }

    if (statement_require_success(statement, caustic_field_set_expr(below_value, down, below), "%s on the quotient", what))
    {
        *below_expr = caustic_field_get_expr(below_value, below);
        require_pull_back(statement, above_value, *below_expr, reduction, what);
    }
}

/* projectability: F^{ij} = dz^i A dz^j = g^{ij} o pi and B^i = Delta_A z^i = b^i o pi. With it L is
   the image of Delta_A [REDUCTION-1]. */
void
check_projectability(caustic_reduction_t reduction, const upstairs_t up)
{
    const caustic_setting_struct * setting = reduction->setting;
    gr_ctx_struct * above = reduction->upstairs;
    gr_ctx_struct * below = reduction->downstairs;
    slong d = setting->coordinates, n = setting->parameters;
    gr_mat_t gradient;
    gr_ptr value, term;
    statement_t projectability;

    gr_mat_init(gradient, n, 1, above);
    GR_TMP_INIT2(value, term, above);
    statement_init(projectability, "projectability");

    for (slong i = 0; i < d; i++)
    {
        int status = metric_gradient(gradient, up, gr_mat_entry_srcptr(up->invariants, i, 0, above), above);

        if (!statement_require_success(projectability, status, "the gradient of an invariant"))
            continue;

        for (slong j = 0; j < d; j++)
        {
            status = gr_zero(value, above);
            for (slong a = 0; a < n; a++)
            {
                status |= gr_mul(term, gr_mat_entry_srcptr(gradient, a, 0, above),
                    gr_mat_entry_srcptr(up->jacobian, j, a, above), above);
                status |= gr_add(value, value, term, above);
            }

            if (statement_require_success(projectability, status, "F^{ij}"))
                bring_down(projectability, gr_mat_entry_ptr(reduction->cometric, i, j, below),
                    reduction->cometric_expr + i * d + j, value, reduction, "the cometric of the invariants");
        }

        status = metric_laplacian(value, up, gr_mat_entry_srcptr(up->invariants, i, 0, above), above);

        if (statement_require_success(projectability, status, "the Laplacian of an invariant"))
            bring_down(projectability, gr_mat_entry_ptr(reduction->drift, i, 0, below),
                reduction->drift_expr + i, value, reduction, "the Laplacian of an invariant");
    }

    reduction->derived = projectability->verdict == CAUSTIC_PROVED;
    statement_conclude(reduction->checks, projectability,
        "the cometric and the Laplacians of the invariants are functions of the invariants");

    gr_mat_clear(gradient, above);
    GR_TMP_CLEAR2(value, term, above);
}

/* A loss may have kinks, and where it is finite those who evaluate it find out; but one that is known
   to be undefined somewhere is no function on the quotient. */
static void
require_loss_defined(statement_t loss, caustic_reduction_t reduction)
{
    const caustic_setting_struct * setting = reduction->setting;
    int above = setting->loss_in_parameters || !setting->has_section;
    caustic_expr e = setting->density == CAUSTIC_NONE ? setting->loss
        : caustic_function(setting->pool, CAUSTIC_OP_LOG, setting->density);
    caustic_text_t why;

    caustic_text_init(why);
    if (above && !setting->loss_in_parameters)
        e = pulled_back(setting, e);
    if (caustic_expr_nodes(setting->pool, e) <= LOSS_NODES
        && caustic_field_is_smooth(why, e, setting->stratum, above ? setting->strata : 0, setting->strata > 0,
            above ? reduction->upstairs : reduction->downstairs) == T_FALSE)
        statement_fail(loss, CAUSTIC_REFUTED, "the loss is not defined on the whole domain: %s", why->data);
    caustic_text_clear(why);
}

/* Where there is no section, the loss is asked for its invariance itself: that refutes. */
static void
require_invariant_loss(statement_t loss, caustic_reduction_t reduction, gr_srcptr value)
{
    const caustic_setting_struct * setting = reduction->setting;
    gr_ctx_struct * ctx = reduction->upstairs;
    gr_ptr change;

    GR_TMP_INIT(change, ctx);
    for (slong a = 0; a < setting->generators; a++)
    {
        caustic_expr along = caustic_integer(setting->pool, 0);

        for (slong b = 0; b < setting->parameters; b++)
            along = caustic_add(setting->pool, along, caustic_mul(setting->pool,
                setting->generator[a * setting->parameters + b],
                caustic_derivative(setting->pool, setting->loss, setting->parameter[b])));
        if (statement_require_success(loss, caustic_field_set_expr(change, along, ctx),
                "generator %ld applied to the loss", (long) a + 1))
            statement_require_zero(loss, change, ctx, "generator %ld applied to the loss is not 0: it", (long) a + 1);
    }
    for (slong s = 0; s < setting->elements; s++)
    {
        int status = caustic_field_set_expr(change, moved_by(setting, setting->loss, s), ctx);

        status |= gr_sub(change, change, value, ctx);
        if (statement_require_success(loss, status, "the loss after element %ld", (long) s + 1))
            statement_require_zero(loss, change, ctx, "element %ld changes the loss: the difference", (long) s + 1);
    }
    GR_TMP_CLEAR(change, ctx);
}

/* loss: L = l o pi identically, with l = L o sigma. */
static void
set_loss(caustic_reduction_t reduction, caustic_expr e)
{
    caustic_pool * pool = reduction->setting->pool;

    reduction->loss = e;
    if (reduction->setting->density == CAUSTIC_NONE)
        return;

    reduction->density = e;
    reduction->loss = caustic_mul(pool, caustic_mul(pool, caustic_integer(pool, -2), caustic_symbol(pool, "nu")),
        caustic_function(pool, CAUSTIC_OP_LOG, e));
}

/* The loss on the section, where its pull-back is proved to be the loss without one field that holds all of it. */
static int
comes_down_by_terms(caustic_expr * down, caustic_expr given, const caustic_setting_t setting)
{
    caustic_expr below = setting->has_section ? on_section(setting, given) : CAUSTIC_NONE;

    if (below == CAUSTIC_NONE || !equal_term_by_term(given, pulled_back(setting, below), setting))
        return 0;
    *down = below;
    return 1;
}

void
refute_at_a_point(statement_t statement, caustic_expr difference, caustic_reduction_t reduction, const char * what)
{
    const caustic_setting_struct * setting = reduction->setting;
    caustic_tape * tape = caustic_tape_new(setting->pool, &difference, 1, setting->parameter, setting->parameters);
    arb_ptr point = _arb_vec_init(setting->parameters);
    caustic_witness_t witness;
    caustic_text_t where;

    caustic_witness_init(witness, setting->parameters);
    caustic_text_init(where);
    for (slong i = 0; tape != NULL && i < LOSS_POINTS && statement->verdict != CAUSTIC_REFUTED; i++)
    {
        if (!stratum_point(witness->point, i, 0, setting))
            continue;
        for (slong b = 0; b < setting->parameters; b++)
            arb_set_fmpq(point + b, witness->point + b, LOSS_PRECISION);
        caustic_tape_evaluate_arb(witness->value, tape, point, LOSS_PRECISION);
        if (arb_is_finite(witness->value) && arb_is_nonzero(witness->value))
        {
            caustic_witness_print(where, witness, reduction->upstairs);
            statement_fail(statement, CAUSTIC_REFUTED, "%s fails at %s", what, where->data);
        }
    }
    caustic_text_clear(where);
    caustic_witness_clear(witness);
    _arb_vec_clear(point, setting->parameters);
    caustic_tape_free(tape);
}

/* A loss that no field holds: is it another than what comes down from the section? */
static void
refute_loss(statement_t loss, caustic_expr given, caustic_reduction_t reduction)
{
    const caustic_setting_struct * setting = reduction->setting;

    refute_at_a_point(loss, caustic_sub(setting->pool, given, pulled_back(setting, on_section(setting, given))), reduction,
        "the loss is not a function of the invariants: its difference from the value on the section's orbit");
}

typedef struct
{
    gr_ctx_struct * ctx;
    caustic_expr kink;
}
kink_search;

/* The first abs or relu whose argument is not seen to keep its sign. */
static caustic_expr
look_for_kink(caustic_pool * pool, caustic_expr node, void * data)
{
    kink_search * search = data;
    caustic_op op = caustic_expr_op(pool, node);
    gr_ptr x;

    if (search->kink != CAUSTIC_NONE || (op != CAUSTIC_OP_ABS && op != CAUSTIC_OP_RELU))
        return node;

    GR_TMP_INIT(x, search->ctx);
    if (caustic_field_set_expr(x, caustic_expr_child(pool, node, 0), search->ctx) != GR_SUCCESS
        || caustic_field_sign(x, search->ctx) == CAUSTIC_SIGN_UNKNOWN)
        search->kink = node;
    GR_TMP_CLEAR(x, search->ctx);
    return node;
}

/* What the check of the loss says, and where the loss has a kink. */
static void
conclude_loss(statement_t loss, caustic_reduction_t reduction, const char * proved)
{
    caustic_pool * pool = reduction->setting->pool;
    kink_search search = {reduction->downstairs, CAUSTIC_NONE};
    caustic_text_t detail;

    caustic_text_init(detail);
    caustic_text_append(detail, proved);
    if (reduction->loss != CAUSTIC_NONE && caustic_rewrite(pool, reduction->loss, look_for_kink, &search) != CAUSTIC_NONE
        && search.kink != CAUSTIC_NONE)
    {
        caustic_text_append(detail, "; it has a kink where the argument of ");
        caustic_expr_print(detail, pool, search.kink);
        caustic_text_append(detail, " changes its sign");
    }
    statement_conclude(reduction->checks, loss, detail->data);
    caustic_text_clear(detail);
}

void
open_loss_fields(caustic_reduction_t reduction, gr_ctx_struct * above, gr_ctx_struct * below)
{
    const caustic_setting_struct * setting = reduction->setting;

    *above = *reduction->upstairs;
    *below = *reduction->downstairs;
    caustic_field_ctx_init(reduction->upstairs, setting->pool, setting->parameter, setting->parameter_domain, setting->parameters);
    caustic_field_ctx_init(reduction->downstairs, setting->pool, setting->coordinate, setting->coordinate_domain, setting->coordinates);
    caustic_field_allow_kinks(reduction->upstairs, 1);
    caustic_field_allow_kinks(reduction->downstairs, 1);
}

void
close_loss_fields(caustic_reduction_t reduction, const gr_ctx_struct * above, const gr_ctx_struct * below)
{
    gr_ctx_clear(reduction->upstairs);
    gr_ctx_clear(reduction->downstairs);
    *reduction->upstairs = *above;
    *reduction->downstairs = *below;
}

void
check_loss(caustic_reduction_t reduction)
{
    const caustic_setting_struct * setting = reduction->setting;
    gr_ctx_struct * above = reduction->upstairs;
    /* -2 nu log p is kept by what keeps p. */
    caustic_expr given = setting->density == CAUSTIC_NONE ? setting->loss : setting->density;
    caustic_expr down = CAUSTIC_NONE;
    gr_ctx_struct kept[2];
    gr_ptr value;
    statement_t loss;

    if (setting->loss == CAUSTIC_NONE)
        return;

    open_loss_fields(reduction, kept, kept + 1);
    GR_TMP_INIT(value, above);
    statement_init(loss, "loss");

    if (!setting->loss_in_parameters)
    {
        /* Without a section the coordinates' box is larger than the quotient. */
        require_loss_defined(loss, reduction);
        require_loss_on_cover(loss, given, reduction);
        if (loss->verdict == CAUSTIC_PROVED || reduction->coverings == 0)
            set_loss(reduction, given);
        conclude_loss(loss, reduction, reduction->coverings == 0 ? "given as a function of the invariants"
            : "given as a function on the cover, which the finite elements keep");
    }
    else if (comes_down_by_terms(&down, given, setting)
        || statement_require_success(loss, caustic_field_set_expr(value, given, above), "the loss"))
    {
        if (down == CAUSTIC_NONE && !setting->has_section)
            require_invariant_loss(loss, reduction, value);
        if (down == CAUSTIC_NONE && candidate(&down, given, setting))
            require_pull_back(loss, value, down, reduction, "the loss");
        else if (down == CAUSTIC_NONE)
            statement_fail(loss, CAUSTIC_UNDECIDED,
                "no polynomial in the invariants was found for the loss; give it in the quotient's coordinates");
        /* As it came down until here: what is shorter is proved equal to it on the quotient, and is harder to recognise above. */
        if (loss->verdict == CAUSTIC_UNDECIDED && setting->has_section)
            refute_loss(loss, given, reduction);
        if (down != CAUSTIC_NONE)
            down = caustic_field_shorten(down, reduction->downstairs);
        require_loss_defined(loss, reduction);
        if (down != CAUSTIC_NONE)
            require_loss_on_cover(loss, down, reduction);

        /* As written, not expanded: a sum of squares must remain one, it is seen to be >= 0. */
        if (loss->verdict == CAUSTIC_PROVED)
            set_loss(reduction, down);

        conclude_loss(loss, reduction, setting->has_section
            ? "the loss is the pull-back of its restriction to the section"
            : "the loss is the pull-back of a polynomial in the invariants");
    }
    else
    {
        if (setting->has_section)
            refute_loss(loss, given, reduction);
        statement_conclude(reduction->checks, loss, "read");
    }

    GR_TMP_CLEAR(value, above);
    close_loss_fields(reduction, kept, kept + 1);
}
