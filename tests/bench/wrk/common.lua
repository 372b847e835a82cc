-- What all loads share: the lines of a file, requests as they are sent, and a result in one line that the benchmark reads.

function lines_of(path)
    local lines = {}
    for line in io.lines(path) do
        lines[#lines + 1] = line
    end
    return lines
end

local function head(method, path, token)
    return method .. " " .. path .. " HTTP/1.1\r\nHost: wall\r\n" .. (token and "Authorization: Bearer " .. token .. "\r\n" or "")
end

function get(path, token)
    return head("GET", path, token) .. "\r\n"
end

function post(path, body, token)
    return head("POST", path, token) .. "Content-Type: application/json\r\nContent-Length: " .. #body .. "\r\n\r\n" .. body
end

-- Connections that pause between requests, each so long as chance will have it (milliseconds on average).
function pause(average)
    function delay()
        return math.floor(0.5 - average * math.log(1 - math.random()))
    end
end

function done(summary, latency)
    local e = summary.errors
    print(string.format("requests=%d microseconds=%d failed=%d median=%d late=%d", summary.requests, summary.duration,
        e.connect + e.read + e.write + e.status + e.timeout, latency:percentile(50), latency:percentile(99)))
end
