-- The golden record of one id of ids.txt after the other, for wrk:
--   JIKU_KEY=jk_… QUESTIONS=folder wrk -t2 -c32 -d30s --latency -s find.lua http://127.0.0.1:8080
local ids = {}
for line in io.lines(os.getenv("QUESTIONS") .. "/ids.txt") do ids[#ids + 1] = line end

local headers = {
  ["Authorization"] = "Bearer " .. os.getenv("JIKU_KEY"),
  ["Purpose-Of-Use"] = "benchmark",
}

local threads = 0
function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

-- Written out beforehand, so that asking takes little of the processors that answer.
local requests = {}
function init()
  at = number * 7919
  for place, id in ipairs(ids) do requests[place] = wrk.format("GET", "/api/v1/persons/" .. id, headers) end
end

function request()
  at = at + 1
  return requests[at % #requests + 1]
end
