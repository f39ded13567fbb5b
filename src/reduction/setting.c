/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include <caustic/reduction.h>

static caustic_expr *
allocate_expressions(slong length)
{
    return flint_calloc((size_t) FLINT_MAX(length, 1), sizeof(caustic_expr));
}

static caustic_interval_struct *
allocate_intervals(slong length)
{
    caustic_interval_struct * intervals = flint_malloc((size_t) FLINT_MAX(length, 1) * sizeof(caustic_interval_struct));

    for (slong i = 0; i < length; i++)
        caustic_interval_init(intervals + i);

    return intervals;
}

static void
free_intervals(caustic_interval_struct * intervals, slong length)
{
    for (slong i = 0; intervals != NULL && i < length; i++)
        caustic_interval_clear(intervals + i);

    flint_free(intervals);
}

void
caustic_setting_init(caustic_setting_t setting, caustic_pool * pool)
{
    static const caustic_setting_struct empty;

    *setting = empty;
    setting->pool = pool;
}

void
caustic_setting_allocate(caustic_setting_t setting, slong parameters, slong generators,
    slong elements, slong coordinates)
{
    setting->parameters = parameters;
    setting->generators = generators;
    setting->elements = elements;
    setting->coordinates = coordinates;
    setting->parameter = allocate_expressions(parameters);
    setting->parameter_domain = allocate_intervals(parameters);
    setting->inverse_metric = allocate_expressions(parameters * parameters);
    setting->generator = allocate_expressions(generators * parameters);
    setting->element = allocate_expressions(elements * parameters);
    setting->coordinate = allocate_expressions(coordinates);
    setting->invariant = allocate_expressions(coordinates);
    setting->coordinate_domain = allocate_intervals(coordinates);
    setting->section = allocate_expressions(parameters);
    setting->has_section = 1;
    setting->copies = 1;
}

void
caustic_setting_clear(caustic_setting_t setting)
{
    flint_free(setting->parameter);
    free_intervals(setting->parameter_domain, setting->parameters);
    flint_free(setting->inverse_metric);
    flint_free(setting->generator);
    flint_free(setting->element);
    flint_free(setting->coordinate);
    flint_free(setting->invariant);
    free_intervals(setting->coordinate_domain, setting->coordinates);
    flint_free(setting->section);
    flint_free(setting->stratum);
    flint_free(setting->sphere);
    flint_free(setting->sphere_radius);
    caustic_setting_init(setting, NULL);
}
