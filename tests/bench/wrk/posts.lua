-- POSTs of the lines of a file in turn, as bodies to the path of the first line.
dofile("common.lua")
local requests, at = {}, 0

function init(arguments)
    if arguments[2] then
        pause(tonumber(arguments[2]))
    end
    local lines = lines_of(arguments[1])
    for number = 2, #lines do
        requests[#requests + 1] = post(lines[1], lines[number])
    end
end

function request()
    at = at % #requests + 1
    return requests[at]
end
