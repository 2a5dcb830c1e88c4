console.log("generate", process.version)
