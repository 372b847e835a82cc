-- Complaints are submitted, assigned, answered and read, each step as soon as the one before has been answered.
-- The file: a dispatcher's token; then officers, each a department and a token; an empty line; then bodies of complaints.
dofile("common.lua")
local dispatcher, departments, tokens, bodies = nil, {}, {}, {}
local steps, first, last, at = {}, 1, 0, 0

function init(arguments)
    local lines, number = lines_of(arguments[1]), 2
    dispatcher = lines[1]
    while lines[number] ~= "" do
        local department, token = lines[number]:match("^(%S+) (%S+)$")
        departments[#departments + 1] = department
        tokens[department] = token
        number = number + 1
    end
    for following = number + 1, #lines do
        bodies[#bodies + 1] = lines[following]
    end
end

local function push(step)
    last = last + 1
    steps[last] = step
end

function request()
    if first <= last then
        local step = steps[first]
        steps[first] = nil
        first = first + 1
        return step
    end
    at = at + 1
    return post("/v1/complaints", bodies[at % #bodies + 1])
end

-- What an answer says of its complaint tells the next step; only those inside see holdings, so the public reading is the last one.
function response(status, headers, body)
    local id, state = body:match('^{"id":"([^"]+)"'), body:match('"status":"(%a+)"')
    if not id then
        return
    end
    local path = "/v1/complaints/" .. id
    if state == "submitted" then
        push(post(path .. "/assign", '{"department":"' .. departments[at % #departments + 1] .. '"}', dispatcher))
    elseif state == "assigned" then
        push(post(path .. "/answer", '{"public_text":"已派人修好，请查看。"}', tokens[body:match('"department": ?{"id" ?: ?"([^"]+)"')]))
    elseif body:find('"holdings":', 1, true) then
        push(get(path))
    end
end
