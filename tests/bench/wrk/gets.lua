-- GETs of the lines of a file in turn: a path, and a token where one is needed.
dofile("common.lua")
local requests, at = {}, 0

function init(arguments)
    if arguments[2] then
        pause(tonumber(arguments[2]))
    end
    for _, line in ipairs(lines_of(arguments[1])) do
        local path, token = line:match("^(%S+) ?(%S*)$")
        requests[#requests + 1] = get(path, token ~= "" and token or nil)
    end
end

function request()
    at = at % #requests + 1
    return requests[at]
end
