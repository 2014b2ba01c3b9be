fast, clever = GeneratorInfo.openai("gpt-5.4-mini"), GeneratorInfo.anthropic("claude-opus-5")
