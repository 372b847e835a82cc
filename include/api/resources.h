#pragma once
#include "http/route.h"

/* What each folder of src/api offers. */
extern const struct resource complaints_api, actions_api, desk_api, people_api, community_api, clearing_api, statistics_api, bulletins_api,
    privacy_api, pushes_api, health_api, support_api, ledger_api, notices_api, templates_api, classification_api, pictures_api,
    clusters_api, volunteers_api, supervision_api, panel_api, surveys_api;
