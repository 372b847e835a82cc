/* Clusters: complaints about the same matter, proposed by the system, decided by dispatchers. */
#include "api/fields.h"
#include "api/resources.h"
#include "sql.h"

/* Tables, a row a line. */
/* clang-format off */

static const struct field wanted[] = {{.name = "proposed", .type = BOOLEAN}, FIELD_PAGE, {0}};
static const struct field decided[] = {{.name = "complaint", .type = ID}, {0}};
static const struct field parted[] = {{.name = "complaint", .type = ID}, {0}};

static const struct route routes[] = {
    {.method = GET, .path = "/v1/clusters", .access = DISPATCHER | SUPERVISOR, .fields = wanted, .sql = &sql_clusters_list},
    {.method = GET, .path = "/v1/clusters/{cluster}", .access = DISPATCHER | SUPERVISOR, .sql = &sql_clusters_show},
    {.method = POST, .path = "/v1/clusters/{cluster}/confirm", .access = DISPATCHER, .fields = decided, .sql = &sql_clusters_confirm, .lane = WRITE},
    {.method = POST, .path = "/v1/clusters/{cluster}/part", .access = DISPATCHER, .fields = parted, .sql = &sql_clusters_part, .lane = WRITE},
    {0}};

/* clang-format on */

const struct resource clusters_api = {routes};
