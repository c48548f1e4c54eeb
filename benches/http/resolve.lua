-- Who is this? One question of questions.ndjson after the other, for wrk:
--   JIKU_KEY=jk_… QUESTIONS=folder wrk -t2 -c32 -d30s --latency -s resolve.lua http://127.0.0.1:8080
-- OPTIONS=golden=false asks for candidates without their golden values.
local questions = {}
for line in io.lines(os.getenv("QUESTIONS") .. "/questions.ndjson") do questions[#questions + 1] = line end

local headers = {
  ["Authorization"] = "Bearer " .. os.getenv("JIKU_KEY"),
  ["Content-Type"] = "application/json",
  ["Purpose-Of-Use"] = "benchmark",
}
local path = "/api/v1/persons/resolve"
if os.getenv("OPTIONS") then path = path .. "?" .. os.getenv("OPTIONS") end

local threads = 0
function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

-- Written out beforehand, so that asking takes little of the processors that answer.
local requests = {}
function init()
  at = number * 7919
  for place, question in ipairs(questions) do requests[place] = wrk.format("POST", path, headers, question) end
end

function request()
  at = at + 1
  return requests[at % #requests + 1]
end
