/* The table of contents of the API: a folder a resource. */
#include <stddef.h>
#include "api/fields.h"
#include "api/resources.h"

const struct field page_fields[] = {FIELD_PAGE, {0}};

const char *const complaint_orders[] = {"relevance", "newest", "oldest", NULL};

const char *const complaint_statuses[] = {"submitted", "assigned", "accepted", "need_info", "answered", "ledgered",
                                          "closed",    "rejected", "merged",   "withdrawn", NULL};

const struct resource *const resources[] = {&complaints_api,
                                            &actions_api,
                                            &desk_api,
                                            &people_api,
                                            &community_api,
                                            &clearing_api,
                                            &statistics_api,
                                            &bulletins_api,
                                            &privacy_api,
                                            &pushes_api,
                                            &health_api,
                                            &support_api,
                                            &ledger_api,
                                            &notices_api,
                                            &templates_api,
                                            &classification_api,
                                            &pictures_api,
                                            &clusters_api,
                                            &volunteers_api,
                                            &supervision_api,
                                            &panel_api,
                                            &surveys_api,
                                            NULL};
