{#- The materializations under the names by which packages that wrap them call them (`dbt.materialization_test_default()`).
    Their work is not done by templates. -#}

{% materialization view, default %}{{ return(builtin_materialization('view')) }}{% endmaterialization %}
{% materialization table, default %}{{ return(builtin_materialization('table')) }}{% endmaterialization %}
{% materialization incremental, default %}{{ return(builtin_materialization('incremental')) }}{% endmaterialization %}
{% materialization materialized_view, default %}{{ return(builtin_materialization('materialized_view')) }}{% endmaterialization %}
{% materialization snapshot, default %}{{ return(builtin_materialization('snapshot')) }}{% endmaterialization %}
{% materialization seed, default %}{{ return(builtin_materialization('seed')) }}{% endmaterialization %}
{% materialization test, default %}{{ return(builtin_materialization('test')) }}{% endmaterialization %}
